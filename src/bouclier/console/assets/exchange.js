// One exchange of the conversation: its state, and how it shows.

import { announce, StreamAnnouncer } from "./announcer.js";
import { decision, fallback, policies, spokenDecision } from "./decision.js";
import { copyText, element, icon, refill } from "./dom.js";
import { prose } from "./prose.js";
import { Receipt } from "./receipt.js";
import { receiptSaid } from "./receipt_view.js";
import { tabs } from "./tabs.js";
import { views } from "./views.js";
import { both, pick, t } from "./words.js";

export class Exchange {
  answer = "";
  body = ""; // of the request, exactly as sent
  cameBack = null;
  finish = null;
  meta = null;
  open = { findings: false, pseudonyms: false, receipt: false, why: false };
  outcome = null;
  phase = "inspecting"; // then waiting, writing; then one of: done, stopped, refused, failed
  problem = null;
  receipt = null; // of the last decision
  unanswered = []; // what was said of the deployments that were asked first and did not answer
  view = "written";
  #answering = false;
  #drawing = 0;
  #speaker = new StreamAnnouncer();

  /**
   * @param {object} options
   * @param {number} options.number rank in the conversation, from 1
   * @param {object[]} options.messages the whole conversation as sent; the last one is the person's
   * @param {boolean} options.auto whether the shield was left to choose
   * @param {(deployment: object) => object} options.describe what else is known of a deployment
   * @param {(exchange: Exchange) => void} options.retry
   * @param {(exchange: Exchange) => void} options.edit
   */
  constructor({ number, messages, auto, describe, retry, edit }) {
    Object.assign(this, { number, messages, auto, describe, retry, edit });
    this.id = `x${number}`;
    this.shown = { views: element("div", { class: "step-body card" }), shield: element("div", { class: "step-body" }) };
    this.shown.answer = element("div", { class: "step-body" });
    this.heading = element("h2", { class: "visually-hidden", id: `${this.id}-heading` });
    this.shieldStep = step("shield", this.shown.shield);
    this.answerStep = step("answer", this.shown.answer);
    this.node = element(
      "article",
      { class: "exchange", "aria-labelledby": `${this.id}-heading` },
      this.heading,
      step("person", this.shown.views),
      this.shieldStep,
      this.answerStep,
    );
  }

  get text() {
    return this.messages.at(-1).content;
  }

  get refused() {
    return this.phase === "refused";
  }

  get over() {
    return ["done", "stopped", "refused", "failed"].includes(this.phase);
  }

  /** Whether a part of the request is the person's message of this exchange. */
  isOwn = (part) => part.path?.[0] === "messages" && part.path[1] === this.messages.length - 1;

  /** What was found in the person's message of this exchange, and what left of it if it did; null when not told. */
  get ownPart() {
    return this.meta?.detail?.parts?.find(this.isOwn) ?? null;
  }

  /** The text of a part as it was before the shield, or null when it is none of ours. */
  textOf = (part) => {
    const message = part.path?.[0] === "messages" ? this.messages[part.path[1]] : null;
    return part.path?.[2] === "content" && typeof message?.content === "string" ? message.content : null;
  };

  /** Take one event of the answer in. */
  receive(event) {
    const choice = event.choices?.[0];
    const words = choice?.delta?.content ?? "";
    // Decided before anything is answered, and done once it is: whatever says so elsewhere is not the gateway.
    if (event.bouclier?.deployment && !this.#answering) this.#placed(event.bouclier);
    if (choice) this.#answering = true;
    if (choice?.finish_reason) {
      this.finish = choice.finish_reason;
      this.outcome = event.bouclier?.outcome ?? null;
      this.cameBack = event.bouclier?.detail?.came_back ?? null;
    }
    if (words === "") return;
    this.phase = "writing";
    this.answer += words;
    if (this.answer === words && this.unanswered.length > 0) this.#drawShield(); // now it has answered
    this.#speaker.feed(words);
    if (this.#drawing === 0) this.#drawing = requestAnimationFrame(() => this.#drawAnswer());
  }

  /** A deployment was decided on and is about to be asked; the one before it, if any, did not answer. */
  #placed(meta) {
    if (this.meta) this.unanswered.push(this.meta);
    this.#know(meta);
    this.phase = "waiting";
    this.render();
    announce([fallback(this, this.describe), spokenDecision(this, this.describe)].filter(Boolean).join(" "));
  }

  /** Take in what the gateway says of the exchange, its receipt included. */
  #know(meta) {
    this.meta = meta;
    this.receipt?.leave();
    this.receipt = meta.receipt ? new Receipt(meta.receipt, () => this.#receiptChanged()) : null;
  }

  #receiptChanged() {
    this.#drawShield();
    if (["final", "late"].includes(this.receipt.state)) announce(receiptSaid(this.receipt));
  }

  /** The exchange is over: `done`, `stopped`, or with a problem `refused` or `failed`. */
  end(phase, problem = null) {
    this.phase = phase;
    this.problem = problem;
    if (!this.meta && (problem?.policies?.length || problem?.receipt || problem?.data_class)) this.#know(problem);
    this.render();
    const closing = { done: "exchange.done", stopped: "exchange.stopped" }[phase];
    this.#speaker.finish(closing ? t(closing) : pick(problem.message));
  }

  /** The person has done with it. */
  leave() {
    this.node.remove();
    this.receipt?.leave();
  }

  render() {
    this.heading.textContent = t("exchange.heading", { n: this.number });
    const select = (key) => {
      this.view = key;
    };
    const label = t("exchange.views", { n: this.number });
    refill(this.shown.views, ...tabs({ id: this.id, label, views: views(this), selected: this.view, select }));
    this.#drawShield();
    this.#drawAnswer();
  }

  #drawShield() {
    refill(this.shown.shield, stepTitle(t("exchange.shield")), ...this.#shield());
  }

  #shield() {
    if (this.refused) return [this.#refusal(), ...decision(this, this.describe)];
    if (this.meta) return decision(this, this.describe);
    if (this.over) return [];
    return [element("p", { class: "working" }, t("exchange.inspecting"))];
  }

  #refusal() {
    const { message, hint } = this.problem;
    return element(
      "section",
      { class: "refusal", "aria-labelledby": `${this.id}-refusal` },
      element("h3", { id: `${this.id}-refusal` }, t("refusal.heading")),
      element("p", {}, pick(message), " ", t("refusal.intro")),
      policies(this.problem.policies ?? []),
      element("p", { class: "next" }, element("strong", {}, t("refusal.next")), " ", pick(hint)),
      element("div", { class: "actions" }, this.#button("edit", "exchange.edit", () => this.edit(this))),
    );
  }

  #drawAnswer() {
    cancelAnimationFrame(this.#drawing);
    this.#drawing = 0;
    this.shieldStep.hidden = this.phase === "failed" && !this.meta;
    this.answerStep.hidden = this.refused || this.phase === "inspecting";
    this.shown.answer.setAttribute("aria-busy", String(!this.over));
    const name = this.meta?.deployment?.name;
    const nodes = [stepTitle(name ? t("exchange.answer_of", { deployment: name }) : t("exchange.answer"))];
    if (this.answer) nodes.push(element("div", { class: "answer" }, ...prose(this.answer)));
    if (this.phase === "waiting") nodes.push(element("p", { class: "working" }, t("exchange.waiting")));
    if (this.phase === "writing") nodes.push(element("p", { class: "working visually-quiet" }, t("exchange.writing")));
    if (this.phase === "done" && !this.answer) nodes.push(element("p", { class: "note" }, t("exchange.empty")));
    if (this.phase === "stopped") nodes.push(element("p", { class: "note" }, t("exchange.stopped")));
    if (this.finish === "length") nodes.push(element("p", { class: "note" }, t("exchange.cut")));
    if (this.phase === "failed") nodes.push(this.#failure());
    if (this.over && this.answer) nodes.push(this.#copyAction());
    refill(this.shown.answer, ...nodes);
  }

  #failure() {
    const { message, hint, code } = this.problem;
    return element(
      "section",
      { class: "failure" },
      element("h3", {}, t(this.answer ? "failure.cut_heading" : "failure.heading")),
      element("p", {}, pick(message)),
      element("p", { class: "next" }, pick(hint)),
      element("p", { class: "muted" }, t("failure.code", { code })),
      element("div", { class: "actions" }, this.#button("retry", "exchange.retry", () => this.retry(this))),
    );
  }

  #copyAction() {
    const button = this.#button("copy", "exchange.copy", async () => {
      const copied = await copyText(this.answer, this.shown.answer.querySelector(".answer"));
      if (copied) button.textContent = t("exchange.copied");
      announce(t(copied ? "exchange.copied" : "exchange.copy_by_hand"));
    });
    return element("div", { class: "actions" }, button);
  }

  #button(name, words, act) {
    return element("button", { type: "button", class: "quiet", id: `${this.id}-${name}`, click: act }, t(words));
  }
}

/** A problem this page noticed by itself, in the shape of those the gateway explains. */
export function ownProblem(code) {
  return { code, message: both(`failure.${code}`), hint: both(`failure.${code}_hint`) };
}

function step(name, body) {
  const drawn = { person: "person", shield: "shield", answer: "answer" }[name];
  return element("section", { class: `step step-${name}` }, element("div", { class: "step-mark" }, icon(drawn)), body);
}

function stepTitle(text) {
  return element("h3", { class: "step-title" }, text);
}
