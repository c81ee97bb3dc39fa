// What the charter asks to be said beside an answer. One warning stands as it is; several are under one line, open the
// first time and folded once all of them have been read above: what is said at each answer is read no more.

import { details, element } from "./dom.js";
import { authorityOf } from "./orders.js";
import { count, pick, t } from "./words.js";

/**
 * @param {object} exchange its `law`, its `warnings`, and `warned`: the ids of those shown earlier in the conversation
 * @returns {Node | null}
 */
export function warningsShown(exchange) {
  const { warnings } = exchange;
  if (warnings.length === 0) return null;
  const label = count("warnings", warnings.length);
  if (warnings.length === 1) {
    return element("aside", { class: "warnings", "aria-label": label }, ...said(warnings[0], exchange.law));
  }
  const node = details(
    { open: exchange.open.warnings ?? !allRead(exchange) },
    (open) => (exchange.open.warnings = open),
    element("summary", { id: `${exchange.id}-warnings` }, allRead(exchange) ? t("warnings.read", { warnings: label }) : label),
    element("ul", {}, ...warnings.map((warning) => element("li", {}, ...said(warning, exchange.law)))),
  );
  return element("aside", { class: "warnings", "aria-label": label }, node);
}

/** The same for those who listen: each warning in full the first time, then that they are the same. */
export function spokenWarnings(exchange) {
  const { warnings } = exchange;
  if (warnings.length === 0) return "";
  const label = count("warnings", warnings.length);
  return allRead(exchange) ? t("warnings.read", { warnings: label }) : `${label} ${warnings.map(pick).join(" ")}`;
}

function allRead({ warnings, warned }) {
  return warnings.every(({ id }) => warned.has(id));
}

function said(warning, law) {
  const order = law.order(warning.id); // a warning that an order asks for bears the name of its policy
  const basis = t("route.basis", { basis: warning.basis });
  const source = order ? t("warnings.ordered", { basis, authority: authorityOf(order, law.texts) }) : basis;
  return [element("p", {}, pick(warning)), element("p", { class: "policy-basis" }, source)];
}
