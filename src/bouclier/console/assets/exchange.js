// One exchange of the conversation: its state, and how it shows.

import { announce, StreamAnnouncer } from "./announcer.js";
import { decision, fallback, spokenDecision } from "./decision.js";
import { copyText, element, icon, refill } from "./dom.js";
import { footprintIn, footprintShown } from "./footprint.js";
import { Later } from "./later.js";
import { prose } from "./prose.js";
import { Receipt } from "./receipt.js";
import { receiptSaid } from "./receipt_view.js";
import { awaitsOrder, failureCard, refusalCard } from "./refusal.js";
import { tabs } from "./tabs.js";
import { views } from "./views.js";
import { spokenWarnings, warningsShown } from "./warnings.js";
import { both, pick, t } from "./words.js";

export class Exchange {
  answer = "";
  body = ""; // of the request, exactly as sent
  cameBack = null;
  finish = null;
  footprint = null;
  held = null; // while it goes again after a review: what is shown if it may not go yet
  later = null; // when it may be tried again, if the gateway said so
  meta = null;
  open = { findings: false, pseudonyms: false, receipt: false, why: false };
  outcome = null;
  phase = "inspecting"; // then waiting, writing; then one of: done, stopped, refused, failed
  problem = null;
  receipt = null; // of the last decision
  unapproved = null; // why it may not go yet, when it was sent again too early
  unanswered = []; // what was said of the deployments that were asked first and did not answer
  view = "written";
  #answering = false;
  #drawing = 0;
  #lacking = false; // something of the law that it cites had not come when it was drawn
  #speaker = new StreamAnnouncer();

  /**
   * @param {object} options
   * @param {number} options.number rank in the conversation, from 1
   * @param {object[]} options.messages the whole conversation as sent; the last one is the person's
   * @param {{auto: boolean, alias: string | null}} options.choosing whether the shield was left to choose, by which name
   * @param {(name: string, facts: object) => void} options.compelled shows who can be compelled of a deployment
   * @param {(deployment: object) => object} options.describe what else is known of a deployment
   * @param {Law} options.law
   * @param {Set<string>} options.warned ids of the warnings shown earlier in the conversation
   * @param {(exchange: Exchange) => boolean} options.retry false when it cannot be tried again now
   * @param {(exchange: Exchange) => void} options.resend the same body, now that a second person may have approved it
   * @param {(exchange: Exchange) => void} options.edit
   */
  constructor({ number, messages, choosing, compelled, describe, law, warned, retry, resend, edit }) {
    Object.assign(this, { number, messages, choosing, compelled, describe, law, warned, retry, resend, edit });
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

  /** What the charter asks to be said beside the answer. */
  get warnings() {
    return this.refused ? [] : (this.meta?.warnings ?? []);
  }

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
    if (!choice && this.finish) this.footprint = footprintIn(event) ?? this.footprint; // the gateway's last word
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
    const said = [fallback(this, this.describe), spokenDecision(this, this.describe), spokenWarnings(this)];
    announce(said.filter(Boolean).join(" "));
  }

  /** Take in what the gateway says of the exchange, its receipt included. */
  #know(meta) {
    this.meta = meta;
    if (meta.law) this.law.cited(meta.law);
    if (meta.signals?.length) this.law.readTexts();
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
    if (problem?.retryAfterS) this.later = new Later(problem.retryAfterS, () => this.retry(this));
    if (!this.meta && (problem?.policies?.length || problem?.receipt || problem?.data_class)) this.#know(problem);
    this.render();
    const closing = { done: "exchange.done", stopped: "exchange.stopped" }[phase];
    this.#speaker.finish(closing ? t(closing) : pick(problem.message));
  }

  /** Held back for a review: it goes again, as it was. */
  begin() {
    this.held = { problem: this.problem, meta: this.meta };
    Object.assign(this, { phase: "inspecting", problem: null, meta: null, unapproved: null });
    this.render();
  }

  /** It went again and may not: it stays held back, as it was. */
  stayHeld(why) {
    Object.assign(this, { ...this.held, phase: "refused", unapproved: why });
    this.render();
    announce(pick(why));
  }

  /** The law, or what is known of it, has changed. */
  lawChanged() {
    if (this.#lacking) this.render();
  }

  /** The person has done with it. */
  leave() {
    this.node.remove();
    this.receipt?.leave();
    this.later?.leave();
  }

  render() {
    this.heading.textContent = t("exchange.heading", { n: this.number });
    const select = (key) => {
      this.view = key;
    };
    const label = t("exchange.views", { n: this.number });
    refill(this.shown.views, ...tabs({ id: this.id, label, views: views(this), selected: this.view, select }));
    this.#lacking = awaitsOrder(this) || !this.law.texts;
    this.#drawShield();
    this.#drawAnswer();
  }

  #drawShield() {
    refill(this.shown.shield, stepTitle(t("exchange.shield")), ...this.#shield());
  }

  #shield() {
    if (this.refused) return [refusalCard(this, this.#button), ...decision(this, this.describe)];
    if (this.meta) return decision(this, this.describe);
    if (this.over) return [];
    return [element("p", { class: "working" }, t("exchange.inspecting"))];
  }

  #drawAnswer() {
    cancelAnimationFrame(this.#drawing);
    this.#drawing = 0;
    this.shieldStep.hidden = this.phase === "failed" && !this.meta;
    this.answerStep.hidden = this.refused || this.phase === "inspecting";
    this.shown.answer.setAttribute("aria-busy", String(!this.over));
    const name = this.meta?.deployment?.name;
    const nodes = [stepTitle(name ? t("exchange.answer_of", { deployment: name }) : t("exchange.answer"))];
    if (this.warnings.length > 0) nodes.push(warningsShown(this));
    if (this.answer) nodes.push(element("div", { class: "answer" }, ...prose(this.answer)));
    if (this.phase === "waiting") nodes.push(element("p", { class: "working" }, t("exchange.waiting")));
    if (this.phase === "writing") nodes.push(element("p", { class: "working visually-quiet" }, t("exchange.writing")));
    if (this.phase === "done" && !this.answer) nodes.push(element("p", { class: "note" }, t("exchange.empty")));
    if (this.phase === "stopped") nodes.push(element("p", { class: "note" }, t("exchange.stopped")));
    if (this.finish === "length") nodes.push(element("p", { class: "note" }, t("exchange.cut")));
    if (this.phase === "failed") nodes.push(failureCard(this, this.#button));
    if (this.over && this.answer) nodes.push(this.#copyAction());
    if (this.over && this.footprint) nodes.push(footprintShown(this));
    refill(this.shown.answer, ...nodes);
  }

  #copyAction() {
    const button = this.#button("copy", "exchange.copy", async () => {
      const copied = await copyText(this.answer, this.shown.answer.querySelector(".answer"));
      if (copied) button.textContent = t("exchange.copied");
      announce(t(copied ? "exchange.copied" : "exchange.copy_by_hand"));
    });
    return element("div", { class: "actions" }, button);
  }

  #button = (name, words, act) =>
    element("button", { type: "button", class: "quiet", id: `${this.id}-${name}`, click: act }, t(words));
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
