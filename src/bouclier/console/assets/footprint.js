// What an answer cost, as a range: two digits, rounded outwards, so that the truth is never outside what is said.

import { details, element } from "./dom.js";
import { decimal, placeOf, t, wordFor } from "./words.js";

const PREFIXES = [
  { scale: 1e9, prefix: "k" },
  { scale: 1e6, prefix: "" },
  { scale: 1e3, prefix: "m" },
  { scale: 1, prefix: "µ" },
];

/** A footprint as the gateway says it, or null when it is none: it comes last, and only from the gateway. */
export function footprintIn(event) {
  const said = event.bouclier?.footprint;
  const isRange = (range) => Array.isArray(range) && range.length === 2 && range.every(Number.isSafeInteger) && 0 <= range[0] && range[0] <= range[1];
  return said && isRange(said.energy_uwh) && isRange(said.carbon_ug) ? said : null;
}

/** One line under the answer, that opens on how it was estimated, or who declares it. */
export function footprintShown({ footprint, id, open }) {
  const known = footprint.zone !== null;
  const declared = /^declared-\d/.test(footprint.method); // no grid was counted then
  const grid = known ? t("footprint.grid", { zone: placeOf(footprint.zone) }) : t("footprint.grid_unknown");
  const holes = { carbon: spelt(footprint.carbon_ug, "g"), energy: spelt(footprint.energy_uwh, "Wh"), grid };
  return details(
    { class: "footprint", open: open.footprint ?? false },
    (unfolded) => (open.footprint = unfolded),
    element(
      "summary",
      { id: `${id}-footprint` },
      element("span", { class: "footprint-said" }, t(declared ? "footprint.said_declared" : "footprint.said", holes)),
      " ",
      element("span", { class: "footprint-how" }, t(declared ? "footprint.how_declared" : "footprint.how")),
    ),
    element(
      "div",
      { class: "disclosed" },
      declared ? null : element("p", {}, t("footprint.about")),
      element("p", {}, methodOf(footprint)),
      declared && typeof footprint.source === "string" ? element("p", {}, t("footprint.source", { source: footprint.source })) : null,
      known || declared ? null : element("p", {}, t("footprint.grid_about")),
      element("p", { class: "muted" }, t("footprint.method"), " ", element("code", {}, footprint.method), " · ", t("footprint.docs"), " ", element("code", {}, "docs/explanation/footprint.md")),
    ),
  );
}

/** A range of millionths of a unit; a lower bound far below the upper one has a unit of its own. */
function spelt([low, high], unit) {
  const [least, most] = [twoDigits(low, Math.floor), twoDigits(high, Math.ceil)];
  const ofMost = prefixOf(most);
  const ofLeast = least * 100 < ofMost.scale ? prefixOf(least) : ofMost;
  const holes = { low: decimal(least / ofLeast.scale), high: decimal(most / ofMost.scale), unit: `${ofMost.prefix}${unit}` };
  if (least === most) return t("footprint.exact", holes);
  if (least === 0) return t("footprint.at_most", holes);
  return ofLeast === ofMost ? t("footprint.range", holes) : t("footprint.wide", { ...holes, low_unit: `${ofLeast.prefix}${unit}` });
}

function prefixOf(millionths) {
  return PREFIXES.find(({ scale }) => millionths >= scale) ?? PREFIXES.at(-1);
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
