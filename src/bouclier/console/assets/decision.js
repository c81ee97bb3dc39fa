// What the shield did with an exchange: the line everyone reads, then why, then the receipt.

import { details, element } from "./dom.js";
import { dutyExplained } from "./duties.js";
import { controlOf, exposureOf, operatorOf, opennessOf, siteOf } from "./facts.js";
import { receiptBody, receiptMark } from "./receipt_view.js";
import { placementShown, placementWords } from "./placement.js";
import { count, list, number, pick, pickField, t, wordFor } from "./words.js";

/** Everything between the question and the answer. */
export function decision(exchange, describe) {
  const meta = exchange.meta;
  if (!meta) return [];
  const deployment = meta.deployment ? describe(meta.deployment) : null;
  const nodes = [summary(exchange, deployment)];
  if (exchange.unanswered.length > 0) nodes.push(element("p", { class: "fallback" }, fallback(exchange, describe)));
  nodes.push(...placementShown(meta));
  if (deployment && !exchange.refused) nodes.push(route(exchange, deployment));
  nodes.push(element("div", { class: "disclosures" }, why(exchange, deployment), receipt(exchange)));
  return nodes.filter((node) => node !== null);
}

/** The same in one sentence, for those who listen. */
export function spokenDecision(exchange, describe) {
  const { meta } = exchange;
  if (!meta?.deployment) return "";
  const deployment = describe(meta.deployment);
  return [classWord(meta), foundWords(exchange), destination(deployment), protection(meta), reviewing(exchange), sealing(meta), exposureOf(deployment).text, ...placementWords(meta)]
    .filter(Boolean)
    .join(". ");
}

/** Who was asked and did not answer, and who was asked next; nothing when the first one did. */
export function fallback(exchange, describe) {
  if (exchange.unanswered.length === 0) return "";
  const earlier = exchange.unanswered.map(({ deployment }) => `${deployment.name} (${operatorOf(describe(deployment))})`);
  const names = { earlier: list(earlier), next: exchange.meta.deployment.name };
  if (exchange.answer === "") return count("fallback.asked", earlier.length, names);
  return count("fallback.answered", earlier.length, names);
}

function summary(exchange, deployment) {
  const { meta } = exchange;
  if (!meta.data_class && !meta.findings && !deployment) return null;
  const line = element("p", { class: "summary" });
  if (meta.data_class) {
    const hidden = element("span", { class: "visually-hidden" }, t("class.label"));
    line.append(element("span", { class: `badge class-${meta.data_class}` }, hidden, classWord(meta)), " ");
  }
  if (meta.findings) line.append(element("span", { class: "found" }, foundWords(exchange)), " ");
  if (deployment && !exchange.refused) line.append(element("span", { class: "chip" }, protection(meta)), " ");
  if (reviewing(exchange)) line.append(element("span", { class: "chip" }, reviewing(exchange)), " ");
  if (sealing(meta)) line.append(element("span", { class: "chip chip-seal" }, sealing(meta)));
  return line;
}

function route(exchange, deployment) {
  const exposure = exposureOf(deployment);
  const [first, ...others] = policiesOf(exchange.meta);
  const node = element(
    "div",
    { class: "route" },
    element(
      "p",
      {},
      element("strong", {}, destination(deployment)),
      ` — ${deployment.name}, ${siteOf(deployment)} · `,
      element("span", { class: `exposure exposure-${exposure.level}` }, exposure.text),
    ),
  );
  if (first) {
    const more = others.length > 0 ? ` (+ ${others.length})` : "";
    const title = (pickField(first, "title") || first.id).replace(/\.$/, "");
    node.append(element("p", { class: "muted" }, `${title} — ${t("route.basis", { basis: first.basis })}${more}`));
  }
  return node;
}

function why(exchange, deployment) {
  const meta = exchange.meta;
  const sections = [];
  if (deployment && !exchange.refused) {
    const facts = [
      operatorOf(deployment),
      siteOf(deployment),
      deployment.own ? null : t("route.control", { countries: controlOf(deployment) }),
      opennessOf(deployment),
      exposureOf(deployment).text,
    ];
    sections.push(
      subtitle("why.where"),
      element("p", {}, t("why.place", { name: deployment.name, facts: facts.filter(Boolean).join(" · ") })),
      element("p", {}, placedWords(exchange)),
    );
    if (deployment.name) sections.push(compelledButton(exchange, deployment));
  }
  // A refusal has said its policies already; a failure before any answer says no decision.
  if (!exchange.refused && meta.decision) sections.push(subtitle("why.permitted_by"), policies(policiesOf(meta)));
  if (!exchange.refused && duties(meta).length > 0) {
    const owed = duties(meta).map((duty) => element("li", {}, dutyExplained(duty)));
    sections.push(subtitle("why.duty"), element("ul", { class: "duties" }, ...owed));
  }
  if ((meta.labels ?? []).length > 0) {
    const words = meta.labels.map((label) => wordFor(`label.${label}`, label));
    sections.push(subtitle("why.labels"), element("p", {}, words.join(" · ")));
  }
  if ((meta.signals ?? []).length > 0) {
    const seen = meta.signals.map((signal) => element("li", {}, signalWords(signal, exchange.law.texts), element("code", {}, signal)));
    sections.push(subtitle("why.signals"), element("ul", { class: "duties" }, ...seen), element("p", { class: "muted" }, t("why.signals_err")));
  }
  const ruledOut = meta.decision?.refused ?? [];
  if (ruledOut.length > 0) {
    sections.push(subtitle("why.ruled_out"));
    for (const { deployment: name, policies: reasons } of ruledOut) {
      sections.push(element("p", { class: "ruled-out" }, element("strong", {}, name)), policies(reasons ?? []));
    }
  }
  return sections.length > 0 ? disclosure(exchange, "why", [t("why.heading")], sections) : null;
}

/** What a signal of the second net means, when the charter's words have come. */
function signalWords(signal, texts) {
  const said = pick(texts?.signals.get(signal));
  return said ? `${said} · ` : "";
}

function placedWords({ choosing, meta, unanswered }) {
  const considered = meta.placement?.considered ?? 0;
  const among = considered > 1 ? ` ${count("why.considered", considered)}` : "";
  if (unanswered.length > 0) return t("why.placed_fallback") + among;
  if (choosing.alias) return t("why.placed_alias", { alias: choosing.alias }) + among;
  return choosing.auto ? t("why.placed_auto") + among : t("why.placed_chosen");
}

function compelledButton({ compelled, id }, deployment) {
  const show = () => compelled(deployment.name, deployment);
  const label = t("compelled.of", { name: deployment.name });
  const button = { type: "button", class: "link", id: `${id}-compelled`, "aria-haspopup": "dialog", "aria-label": label, click: show };
  return element("p", {}, element("button", button, t("compelled.heading")));
}

/** Policies as people read them: the sentence, the article of law, the name to quote. */
export function policies(found) {
  if (found.length === 0) return element("p", {}, t("why.no_policy"));
  return element(
    "ul",
    { class: "policies" },
    ...found.map((policy) =>
      element(
        "li",
        {},
        element("span", { class: "policy-title" }, pickField(policy, "title") || policy.id),
        element("span", { class: "policy-basis" }, t("route.basis", { basis: policy.basis || t("model.unknown") }), " · ", element("code", {}, policy.id)),
      ),
    ),
  );
}

function receipt(exchange) {
  if (!exchange.receipt) return null;
  const heading = [element("span", {}, t("receipt.heading")), " ", receiptMark(exchange.receipt)];
  return disclosure(exchange, "receipt", heading, receiptBody(exchange.receipt, exchange));
}

function disclosure(exchange, name, heading, content) {
  return details(
    { class: name, open: exchange.open[name] },
    (open) => (exchange.open[name] = open),
    element("summary", { id: `${exchange.id}-${name}` }, ...heading),
    element("div", { class: "disclosed" }, ...content),
  );
}

function subtitle(key) {
  return element("h4", {}, t(key));
}

function classWord(meta) {
  return wordFor(`class.${meta.data_class}`, meta.data_class);
}

/** What was found: in this message and, as the whole conversation goes with it, in all of it when that is more. */
function foundWords({ meta, ownPart }) {
  const all = meta.findings ?? {};
  const total = sum(all);
  if (total === 0) return t("findings.none");
  const here = ownPart ? countKinds(ownPart.findings ?? []) : all;
  const inMessage = sum(here);
  if (inMessage === total) return t("findings.kinds", { found: count("findings", total), kinds: kindWords(all) });
  if (inMessage === 0) return count("findings.elsewhere", total, { kinds: kindWords(all) });
  return count("findings.here", inMessage, { kinds: kindWords(here), all: number(total) });
}

function countKinds(findings) {
  const kinds = {};
  for (const { type } of findings) kinds[type] = (kinds[type] ?? 0) + 1;
  return kinds;
}

function kindWords(kinds) {
  return Object.entries(kinds)
    .map(([kind, n]) => `${wordFor(`type.${kind}`, kind)}${n > 1 ? ` × ${number(n)}` : ""}`)
    .join(", ");
}

function sum(kinds) {
  return Object.values(kinds).reduce((total, n) => total + n, 0);
}

function destination(deployment) {
  return deployment.own ? t("route.own") : t("route.away", { operator: operatorOf(deployment) });
}

function protection(meta) {
  return t(duties(meta).includes("pseudonymise") ? "duty.pseudonymise" : "duty.none");
}

function sealing(meta) {
  return duties(meta).includes("seal") ? t("duty.seal") : "";
}

function reviewing({ meta, refused }) {
  return !refused && duties(meta).includes("human-review") ? t("duty.human-review") : "";
}

function duties(meta) {
  return meta.decision?.duties ?? [];
}

function policiesOf(meta) {
  return meta.decision?.policies ?? meta.policies ?? [];
}
