// How an exchange that was not answered, or not to its end, is told: why, by which rule or order, and what to do.

import { announce } from "./announcer.js";
import { policies } from "./decision.js";
import { copyText, element } from "./dom.js";
import { isOrder } from "./law.js";
import { orderCard } from "./orders.js";
import { pick, t, wordFor } from "./words.js";

const NEXT = {
  human_review_required: "refusal.review_next",
  sources_required: "refusal.sources_next",
  carbon_budget_spent: "refusal.spent_next",
};

/** A refusal: nothing left. */
export function refusalCard(exchange, button) {
  const { code, message, hint } = exchange.problem;
  const cited = exchange.problem.policies ?? [];
  const review = code === "human_review_required";
  const spent = code === "carbon_budget_spent"; // no rule of the charter says so: the institution's own measure does
  const ordered = cited.filter((policy) => exchange.law.order(policy.id));
  const heading = ordered.length > 0 && code === "refused_by_charter" ? "refusal.order" : `refusal.${code}`;
  const next = NEXT[code] ?? null;
  return element(
    "section",
    { class: "refusal", "aria-labelledby": `${exchange.id}-refusal` },
    element("h3", { id: `${exchange.id}-refusal` }, wordFor(heading, t("refusal.heading"))),
    element("p", {}, ordered.length > 0 || review || spent ? "" : `${pick(message)} `, t("refusal.intro")),
    spent ? element("p", {}, t("refusal.spent")) : null,
    ...orders(exchange, ordered),
    spent ? null : rules(cited.filter((policy) => !ordered.includes(policy)), cited),
    element("p", { class: "next" }, element("strong", {}, t("refusal.next")), " ", next ? t(next) : pick(hint)),
    review ? identifier(exchange, button) : null,
    element(
      "div",
      { class: "actions" },
      review ? button("resend", "refusal.resend", () => exchange.resend(exchange)) : null,
      button("edit", "exchange.edit", () => exchange.edit(exchange)),
    ),
    exchange.unapproved ? element("p", { class: "note", role: "status" }, pick(exchange.unapproved)) : null,
  );
}

/** A failure, or an answer that was ended before its end: what came is kept. */
export function failureCard(exchange, button) {
  const { later } = exchange;
  const { code, hint, message } = exchange.problem;
  const ordered = (exchange.problem.policies ?? []).filter((policy) => exchange.law.order(policy.id));
  const own = wordFor(`failure.${code}_heading`, null);
  return element(
    "section",
    { class: "failure" },
    element("h3", {}, own ?? t(exchange.answer ? "failure.cut_heading" : "failure.heading")),
    element("p", {}, pick(message)),
    ...orders(exchange, ordered),
    element("p", { class: "next" }, pick(hint)),
    later ? element("p", {}, later.said) : null,
    element("p", { class: "muted" }, t("failure.code", { code })),
    element("div", { class: "actions" }, button("retry", "exchange.retry", () => exchange.retry(exchange)), later?.action(button)),
  );
}

/** Whether it cites an order whose text has not come yet. */
export function awaitsOrder({ law, problem }) {
  return (problem?.policies ?? []).some((policy) => isOrder(policy) && !law.order(policy.id));
}

function orders(exchange, cited) {
  return cited.map((policy) => {
    const id = `${exchange.id}-${policy.id}`;
    const unfolded = { open: exchange.open[policy.id] ?? false, toggle: (open) => (exchange.open[policy.id] = open) };
    return orderCard(exchange.law.order(policy.id), { id, texts: exchange.law.texts, unfolded });
  });
}

function rules(others, all) {
  return others.length > 0 || all.length === 0 ? policies(others) : null;
}

/** What to give to whoever reviews. */
function identifier(exchange, button) {
  const id = element("code", { class: "review-id" }, exchange.problem.exchange);
  const copy = button("copy-id", "refusal.copy_id", async () => {
    const copied = await copyText(exchange.problem.exchange, id);
    announce(t(copied ? "exchange.copied" : "exchange.copy_by_hand"));
  });
  return element("p", { class: "review" }, element("span", {}, t("refusal.exchange")), " ", id, " ", copy);
}
