// An order of an independent authority, in words: who orders, what, on what ground, until when, and how to contest it.

import { details, element } from "./dom.js";
import { lawOf } from "./facts.js";
import { country, list, minute, pick, t, wordFor } from "./words.js";

const KINDS = [
  "suspend", "forbid-jurisdiction", "require-warning", "require-evaluation", "cap-class", "require-human-review", "local-only",
];
const SELECTED = ["model", "deployment", "operator", "site", "country", "openness", "law"];

/** Who orders: its name when the charter gives one, and always its id. */
export function authorityOf({ authority }, texts) {
  const name = pick(texts?.authorities.get(authority)?.name);
  return name ? `${name} (${authority})` : authority;
}

/** What an order does, as one clause. */
export function effectWords({ effect }) {
  if (!KINDS.includes(effect.kind)) return effect.kind;
  return t(`order.effect.${effect.kind}`, {
    states: list((effect.states ?? []).map(country)),
    warning: pick(effect.warning),
    evaluation: effect.evaluation,
    class: wordFor(`class.${effect.class}`, effect.class),
  });
}

/** To what it does it. */
export function selectorWords({ selector }) {
  const told = { country, law: (id) => lawOf(id), openness: (value) => wordFor(`openness.${value}`, value) };
  const said = SELECTED.filter((key) => key in selector).map((key) => {
    const value = (told[key] ?? String)(selector[key]);
    return t(`order.selects.${key}`, { value });
  });
  return said.length > 0 ? list(said) : t("order.selects.all");
}

/** Until when, on whose clock it is read. */
export function untilWords({ expires, over }) {
  return t(over ? "order.over" : "order.until", { when: minute(new Date(expires)) });
}

/**
 * An order as a card: the essential in sight, the rest one click away.
 *
 * @param {object} order as published, with its `digest`
 * @param {object} options
 * @param {string} options.id prefix of ids
 * @param {object | null} options.texts the words of the charter
 * @param {{open: boolean, toggle: (open: boolean) => void}} options.unfolded whether the rest is shown
 * @param {string} [options.level] of its heading
 */
export function orderCard(order, { id, texts, unfolded, level = "h4" }) {
  const rest = details(
    { open: unfolded.open },
    unfolded.toggle,
    element("summary", { id: `${id}-more` }, t("order.more")),
    element(
      "div",
      { class: "order-rest" },
      ...told("order.reasons", pick(order.reasons)),
      ...told("order.redress", pick(order.redress)),
      facts({
        "order.scope": [list(order.scope.map((state) => (state === "EU" ? t("order.union") : country(state))))],
        "order.start": [time(order.start)],
        "order.digest": [element("code", {}, order.digest)],
      }),
    ),
  );
  return element(
    "article",
    { class: "order", "aria-labelledby": `${id}-title` },
    element(level, { id: `${id}-title` }, pick(order.title)),
    facts({
      "order.authority": [authorityOf(order, texts)],
      "order.effect": [effectWords(order)],
      "order.selects": [selectorWords(order)],
      "order.basis": [order.basis],
      "order.ends": [element("time", { datetime: order.expires }, untilWords(order))],
    }),
    rest,
  );
}

function told(key, text) {
  const paragraphs = text.split(/\n+/).filter((paragraph) => paragraph.trim() !== "");
  return [element("p", { class: "told" }, t(key)), ...paragraphs.map((paragraph) => element("p", {}, paragraph))];
}

function time(spelled) {
  return element("time", { datetime: spelled }, minute(new Date(spelled)));
}

function facts(said) {
  return element(
    "dl",
    {},
    ...Object.entries(said).map(([key, nodes]) => element("div", {}, element("dt", {}, t(key)), element("dd", {}, ...nodes))),
  );
}
