// Who can be compelled, of one deployment: the picture of how a law reaches it, and the same in words.
//
// The gateway draws it by the facts in force today. The picture is shown as an image: nothing in it runs, and it is
// asked for with the person's key, which an address alone could not bear.

import { Dialog } from "./dialog.js";
import { details, element, refill } from "./dom.js";
import { exposureOf, operatorOf, siteOf } from "./facts.js";
import { exposureDrawn, exposureTold } from "./gateway.js";
import { day, language, t } from "./words.js";

export class ExposurePanel {
  #address = null; // of the picture in this browser
  #asked = null; // the name of the deployment, and all that is known of it
  #asking = 0;
  #body = document.getElementById("exposure-body");
  #dialog = new Dialog("exposure");
  #open = {};
  #told = null; // null until the gateway has answered; then what it said, or false

  constructor() {
    this.#dialog.node.addEventListener("close", () => this.#forget());
  }

  /**
   * @param {string} name of the deployment
   * @param {object} facts all that is known of it
   */
  show(name, facts) {
    this.#asked = { name, facts };
    this.#dialog.show();
    this.refresh();
  }

  /** Ask in the language of now. */
  async refresh() {
    if (!this.#dialog.node.open) return;
    const asking = ++this.#asking;
    const { name } = this.#asked;
    this.#told = null;
    this.#draw();
    const [told, drawn] = await Promise.all([exposureTold(name, language()), exposureDrawn(name, language())]);
    if (asking !== this.#asking) return; // closed, or asked for in another language, meanwhile
    this.#letGo();
    this.#told = told ?? false;
    this.#address = told && drawn ? URL.createObjectURL(drawn) : null;
    this.#draw();
  }

  #forget() {
    this.#asking += 1;
    this.#open = {};
    this.#letGo();
    this.#body.replaceChildren();
  }

  #letGo() {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = null;
  }

  #draw() {
    const { name, facts } = this.#asked;
    const about = facts.own ? operatorOf(facts) : `${operatorOf(facts)} · ${siteOf(facts)}`;
    const heading = element("h3", {}, name, " ", element("span", { class: "muted" }, about));
    this.#body.setAttribute("aria-busy", String(this.#told === null));
    if (this.#told) refill(this.#body, heading, ...this.#all(this.#told));
    else refill(this.#body, heading, ...this.#without(facts));
  }

  /** What the page knows by itself, until the gateway has answered or when it does not. */
  #without(facts) {
    const exposure = exposureOf(facts);
    return [
      element("p", { role: "status" }, t(this.#told === null ? "compelled.loading" : "compelled.missing")),
      element("p", { class: `exposure exposure-${exposure.level}` }, exposure.text),
    ];
  }

  #all(told) {
    const when = day(new Date(told.day));
    return [
      element("p", { class: "verdict" }, told.verdict),
      element("p", { class: "muted" }, t("compelled.as_of", { when }), " ", element("code", {}, told.registry.slice(0, 12))),
      ...this.#picture(told),
      element("h4", {}, t("compelled.laws")),
      told.laws.length > 0 ? element("ul", { class: "laws" }, ...told.laws.map(lawShown)) : element("p", {}, t("compelled.no_law")),
      ...told.questions.length > 0 ? [element("h4", {}, t("compelled.questions")), lines(told.questions)] : [],
      ...told.notes.map((note) => element("p", { class: "muted" }, note)),
      this.#folded("steps", "compelled.steps", told.steps),
      this.#folded("sources", "compelled.sources", told.sources),
    ];
  }

  #picture({ verdict }) {
    if (!this.#address) return [element("p", { class: "note" }, t("compelled.no_picture"))];
    const { name } = this.#asked;
    const image = element("img", { src: this.#address, alt: t("compelled.alt", { name, verdict }) });
    const file = t("compelled.file", { name: name.replace(/[^\w.-]+/g, "-") });
    return [
      element("div", { class: this.#open.large ? "picture picture-large" : "picture", tabindex: "0", role: "region", "aria-label": t("compelled.picture"), id: "exposure-picture" }, image),
      element(
        "div",
        { class: "actions" },
        this.#enlarging(),
        element("a", { class: "quiet", href: this.#address, download: file, id: "exposure-download" }, t("compelled.download")),
      ),
    ];
  }

  #enlarging() {
    const pressed = this.#open.large ?? false;
    const enlarge = () => {
      this.#open.large = !this.#open.large;
      this.#draw();
    };
    return element(
      "button",
      { type: "button", class: "quiet", id: "exposure-enlarge", "aria-pressed": String(pressed), click: enlarge },
      t("compelled.enlarge"),
    );
  }

  #folded(name, heading, said) {
    if (said.length === 0) return null;
    const summary = element("summary", { id: `exposure-${name}` }, t(heading));
    return details({ open: this.#open[name] }, (open) => (this.#open[name] = open), summary, lines(said));
  }
}

function lawShown({ name, state, how, contested }) {
  const whose = state && !name.includes(state) ? `${name} (${state})` : name;
  const level = contested ? "disputed" : "foreign";
  return element("li", {}, element("span", { class: `exposure exposure-${level}` }, whose), how ? ` · ${how}` : "");
}

function lines(said) {
  return element("ul", {}, ...said.map((line) => element("li", {}, line)));
}
