// What an exchange met on its way to a deployment: a line to wait in, and a carbon budget.

import { element } from "./dom.js";
import { duration, t } from "./words.js";

/** In sentences; none for what went as usual. */
export function placementWords({ placement }) {
  return [waited(placement), budget(placement)].filter(Boolean);
}

export function placementShown(meta) {
  const { placement } = meta;
  return [
    waited(placement) ? element("p", { class: "placed" }, waited(placement)) : null,
    budget(placement) ? element("p", { class: "fallback budget" }, budget(placement)) : null,
  ];
}

function waited(placement) {
  const ms = placement?.waited_ms ?? 0;
  return ms > 0 ? t("placement.waited", { time: duration(Math.ceil(ms / 1000)) }) : "";
}

function budget(placement) {
  if (placement?.budget === "warn") return t("placement.budget_warn");
  return placement?.budget === "lighten" ? t("placement.budget_lighten") : "";
}
