// What an answer cost, as a range: two digits, rounded outwards, so that the truth is never outside what is said.

import { element } from "./dom.js";
import { decimal, placeOf, t, wordFor } from "./words.js";

const PREFIXES = [
  [1e9, "k"],
  [1e6, ""],
  [1e3, "m"],
  [1, "µ"],
];

/** A footprint as the gateway says it, or null when it is none: it comes last, and only from the gateway. */
export function footprintIn(event) {
  const said = event.bouclier?.footprint;
  const isRange = (range) => Array.isArray(range) && range.length === 2 && range.every(Number.isSafeInteger) && 0 <= range[0] && range[0] <= range[1];
  return said && isRange(said.energy_uwh) && isRange(said.carbon_ug) ? said : null;
}

/** One line under the answer, that opens on how it was estimated. */
export function footprintShown({ footprint, id, open }) {
  const known = footprint.zone !== null;
  const grid = known ? t("footprint.grid", { zone: placeOf(footprint.zone) }) : t("footprint.grid_unknown");
  const holes = { carbon: spelt(footprint.carbon_ug, "g"), energy: spelt(footprint.energy_uwh, "Wh"), grid };
  const node = element(
    "details",
    { class: "footprint", open: open.footprint ?? false },
    element(
      "summary",
      { id: `${id}-footprint` },
      element("span", { class: "footprint-said" }, t("footprint.said", holes)),
      " ",
      element("span", { class: "footprint-how" }, t("footprint.how")),
    ),
    element(
      "div",
      { class: "disclosed" },
      element("p", {}, t("footprint.about")),
      element("p", {}, methodOf(footprint)),
      known ? null : element("p", {}, t("footprint.grid_about")),
      element("p", { class: "muted" }, t("footprint.method"), " ", element("code", {}, footprint.method), " · ", t("footprint.docs"), " ", element("code", {}, "docs/explanation/footprint.md")),
    ),
  );
  node.addEventListener("toggle", () => {
    open.footprint = node.open;
  });
  return node;
}

/** A range of millionths of a unit. */
function spelt([low, high], unit) {
  const [scale, prefix] = PREFIXES.find(([least]) => high >= least) ?? PREFIXES.at(-1);
  const [least, most] = [twoDigits(low, Math.floor) / scale, twoDigits(high, Math.ceil) / scale];
  const holes = { low: decimal(least), high: decimal(most), unit: `${prefix}${unit}` };
  if (least === most) return t("footprint.exact", holes);
  return t(least === 0 ? "footprint.at_most" : "footprint.range", holes);
}

function twoDigits(value, rounded) {
  let step = 1;
  while (value >= 100 * step) step *= 10;
  return rounded(value / step) * step;
}

/** What the method does, without its version; a method that this page does not know is named, no more. */
function methodOf({ method }) {
  return wordFor(`footprint.${method.replace(/-[\d.]+$/, "")}`, method);
}
