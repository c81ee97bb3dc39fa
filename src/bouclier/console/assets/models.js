// Who answers: the list of models with, for each, who runs it, where, which laws reach it, and how it is now.

import { element, refill } from "./dom.js";
import { exposureOf, operatorOf, opennessOf, siteOf, stateOf } from "./facts.js";
import { Fleet } from "./fleet.js";
import { listModels } from "./gateway.js";
import { count, list, minute, number, percent, pick, t } from "./words.js";

const LOADING_EVERY_MS = 2000;
const UNREACHABLE_EVERY_MS = 4000;

export class Models {
  #models = [];
  #selected = null;
  #reached = null;
  #timer = 0;
  #askForKey;
  #compelled;
  #fleet;
  #suspending;

  /**
   * @param {() => void} askForKey called when the gateway wants to know who asks
   * @param {(name: string, facts: object) => object | null} suspending the order that suspends a model, if any
   * @param {(name: string, facts: object) => void} compelled called when somebody asks who can be compelled
   */
  constructor(askForKey, suspending, compelled) {
    this.#askForKey = askForKey;
    this.#suspending = suspending;
    this.#compelled = compelled;
    this.#fleet = new Fleet(() => this.render());
    this.choices = document.getElementById("choices");
    this.toggle = document.getElementById("who-toggle");
    this.problem = document.getElementById("models-problem");
    this.toggle.addEventListener("click", () => this.#open(this.toggle.getAttribute("aria-expanded") !== "true"));
  }

  /** The name to send as `model`. */
  get selected() {
    return this.#selected ?? "auto";
  }

  /** Whether the shield chooses among several, and the name under which it was asked to. */
  get choosing() {
    const chosen = this.#models.find((model) => model.id === this.selected);
    return { auto: this.selected === "auto", alias: chosen && isAlias(chosen) ? chosen.id : null };
  }

  /** All that is known of a deployment: what an exchange says of it, over what the list says. */
  describe(deployment) {
    const listed = this.#models.find((model) => model.id === deployment.name);
    return { ...listed?.bouclier, ...deployment };
  }

  async refresh() {
    clearTimeout(this.#timer);
    try {
      this.#models = autoFirst(await listModels());
      this.#reached = true;
      this.#fleet.refresh();
    } catch (error) {
      if (error.needsKey) {
        this.#askForKey();
        return;
      }
      this.#reached = false;
    }
    if (!this.#models.some((model) => model.id === this.#selected)) this.#selected = this.#models[0]?.id ?? null;
    this.render();
    const loading = this.#models.some((model) => model.bouclier?.state === "loading");
    if (!this.#reached) this.#timer = setTimeout(() => this.refresh(), UNREACHABLE_EVERY_MS);
    else if (loading) this.#timer = setTimeout(() => this.refresh(), LOADING_EVERY_MS);
  }

  render() {
    const said = this.#reached === false ? "model.unreachable" : this.#reached && this.#models.length === 0 ? "model.none" : null;
    this.problem.hidden = said === null;
    this.problem.textContent = said ? t(said) : "";
    if (this.#reached !== null) refill(this.choices, ...this.#models.map((model, index) => this.#choice(model, index)));
    const chosen = this.#models.find((model) => model.id === this.#selected);
    this.toggle.textContent = chosen ? nameOf(chosen) : t("model.loading");
  }

  #open(open) {
    this.toggle.setAttribute("aria-expanded", String(open));
  }

  #choice(model, index) {
    const id = `model-${index}`;
    const checked = model.id === this.#selected;
    const radio = element("input", {
      type: "radio",
      name: "model",
      id,
      value: model.id,
      checked,
      "aria-describedby": `${id}-facts`,
      change: () => {
        this.#selected = model.id;
        this.render();
      },
    });
    return element(
      "div",
      { class: "choice", "data-checked": String(checked) },
      radio,
      element("label", { for: id }, nameOf(model)),
      element("div", { id: `${id}-facts`, class: "choice-facts" }, ...this.#factsOf(model), this.#suspension(model)),
      isDeployment(model) ? this.#compelledButton(model, id) : null,
    );
  }

  #factsOf(model) {
    if (isAuto(model)) return [element("p", {}, t("model.auto_about"))];
    return isAlias(model) ? aliasFacts(model) : deploymentFacts(model, this.#fleet.of(model.id));
  }

  #compelledButton(model, id) {
    const label = t("compelled.of", { name: model.id });
    const show = () => this.#compelled(model.id, model.bouclier ?? {});
    return element(
      "button",
      { type: "button", class: "link choice-more", id: `${id}-compelled`, "aria-haspopup": "dialog", "aria-label": label, click: show },
      t("compelled.heading"),
    );
  }

  #suspension(model) {
    const order = isDeployment(model) ? this.#suspending(model.id, model.bouclier ?? {}) : null;
    if (!order) return null;
    const until = minute(new Date(order.expires));
    return element("p", { class: "state state-failed" }, t("model.suspended", { authority: order.authority, until }));
  }
}

function nameOf(model) {
  return isAuto(model) ? t("model.auto") : model.id;
}

function isAuto(model) {
  return model.bouclier?.kind === "auto" || model.id === "auto";
}

function isAlias(model) {
  return model.bouclier?.kind === "alias";
}

function isDeployment(model) {
  return !isAuto(model) && !isAlias(model);
}

function autoFirst(models) {
  return [...models.filter(isAuto), ...models.filter((model) => !isAuto(model))];
}

/** A name that the institution gave to several: what for, and to which. */
function aliasFacts({ bouclier: { about, models } }) {
  const among = t("model.alias_about", { models: list(models ?? []) });
  return [about ? element("p", {}, pick(about)) : null, element("p", {}, among)];
}

function deploymentFacts(model, now) {
  const facts = model.bouclier ?? {};
  const exposure = exposureOf(facts);
  const nodes = [
    element("p", {}, `${operatorOf(facts)} · ${siteOf(facts)} · ${opennessOf(facts)}`),
    element("p", { class: `exposure exposure-${exposure.level}` }, exposure.text),
  ];
  const state = stateOf(facts, now);
  if (state) nodes.push(stateLine(state, facts));
  if (now?.slots && now.inFlight > 0) nodes.push(element("p", {}, count("state.in_flight", now.inFlight, { slots: number(now.slots) })));
  if (facts.about) nodes.push(element("p", { class: "about" }, pick(facts.about)));
  return nodes;
}

function stateLine({ word, text }, facts) {
  const line = element("p", { class: `state state-${word}` }, text);
  if (word === "loading" && typeof facts.progress === "number") {
    line.append(
      ` (${percent(facts.progress)})`,
      element("progress", { max: 1, value: facts.progress, "aria-label": text }),
    );
  }
  return line;
}
