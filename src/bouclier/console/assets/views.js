// The three views of an exchange: what I wrote, what left, what came back.

import { details, element } from "./dom.js";
import { operatorOf } from "./facts.js";
import { alignCloaked, pseudonymTable, splitAtFindings, splitAtPseudonyms } from "./spans.js";
import { count, percent, t, wordFor } from "./words.js";

/** The views of an exchange in order, with their content as it is known now. */
export function views(exchange) {
  return [
    { key: "written", title: t("view.written"), content: written(exchange) },
    { key: "left", title: t("view.left"), content: left(exchange) },
    { key: "returned", title: t("view.returned"), content: returned(exchange) },
  ];
}

function written(exchange) {
  const part = exchange.ownPart;
  if (!part) return [text(exchange.text)];
  const findings = [];
  const shown = splitAtFindings(exchange.text, part.findings).map(({ text: piece, finding }) => {
    if (!finding) return piece;
    findings.push({ piece, finding });
    return findingMark(piece, finding, markId(exchange, findings.length));
  });
  if (findings.length === 0) return [text(...shown), note(t("written.none"))];
  return [text(...shown), findingsTable(exchange, findings)];
}

function findingMark(piece, finding, id) {
  const kind = kindOf(finding);
  const title = `${kind} · ${confidenceOf(finding)} · ${finding.validated_by}`;
  return element("mark", { id, class: "finding", "data-kind": kind, title, tabindex: "-1" }, piece);
}

function findingsTable(exchange, findings) {
  const rows = findings.map(({ piece, finding }, index) => [
    showButton(piece, markId(exchange, index + 1)),
    kindOf(finding),
    confidenceOf(finding),
    element("code", {}, finding.validated_by ?? t("model.unknown")),
  ]);
  const columns = ["written.text", "written.type", "written.confidence", "written.validated"];
  return folded(exchange, "findings", count("written.findings", findings.length), columns, rows);
}

/** A table one may open, under the text it explains. */
function folded(exchange, name, heading, columns, rows) {
  const table = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...columns.map((key) => element("th", { scope: "col" }, t(key))))),
    element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))))),
  );
  return details(
    { open: exchange.open[name] },
    (open) => (exchange.open[name] = open),
    element("summary", { id: `${exchange.id}-${name}` }, heading),
    element("div", { class: "table" }, table),
  );
}

function showButton(piece, id) {
  const show = () => document.getElementById(id)?.focus();
  const label = t("written.show", { text: piece });
  return element("button", { type: "button", class: "link", "aria-label": label, click: show }, piece);
}

function left(exchange) {
  const { meta, ownPart: part } = exchange;
  if (exchange.refused) return [note(t("left.refused"), "good")];
  if (!meta) return [note(t(exchange.over ? "view.unknown" : "view.pending"))];
  if (!meta.deployment) return [meta.data_class ? note(t("left.never"), "good") : note(t("view.unknown"))];
  const outside = exchange.unanswered.filter(({ deployment }) => !exchange.describe(deployment).own);
  const stayed = meta.deployment.own && outside.length === 0;
  if (!part) return [note(stayed ? t("left.nothing") : t("view.unknown"), stayed ? "good" : "")];
  const segments = segmentsLeft(exchange, part);
  return [
    note(leftWords(exchange, stayed), stayed || part.left !== exchange.text ? "good" : ""),
    text(...segments.map(pseudonymMark)),
    ...outside.flatMap((attempt) => leftFor(exchange, attempt)),
    pseudonymList(exchange, segments),
    earlier(exchange),
  ];
}

function leftWords(exchange, stayed) {
  const changed = exchange.ownPart.left !== exchange.text;
  const { deployment } = exchange.meta;
  if (stayed) return t(changed ? "left.nothing_cloaked" : "left.nothing_same");
  if (deployment.own) return t("left.home_after");
  return t(changed ? "left.cloaked" : "left.same", { operator: operatorOf(deployment) });
}

/** What a deployment that did not answer may have received all the same; shown again only when it differs. */
function leftFor(exchange, { deployment, detail }) {
  const operator = operatorOf(exchange.describe(deployment));
  const part = detail?.parts?.find(exchange.isOwn);
  const same = deployment.own === exchange.meta.deployment.own && part?.left === exchange.ownPart.left;
  if (!part || same) return [note(t("left.tried_same", { operator }))];
  return [note(t("left.tried", { operator })), text(...segmentsLeft(exchange, part).map(pseudonymMark))];
}

function segmentsLeft(exchange, part) {
  return alignCloaked(exchange.text, part.findings, part.left) ?? [{ text: part.left, original: null }];
}

function pseudonymList(exchange, segments) {
  const table = new Map(segments.filter(({ original }) => original !== null).map(({ text: piece, original }) => [piece, original]));
  if (table.size === 0) return null;
  const rows = [...table].map(([pseudonym, original]) => [element("code", {}, pseudonym), original]);
  return folded(exchange, "pseudonyms", t("left.table"), ["left.pseudonym_column", "left.original_column"], rows);
}

/** The rest of the conversation leaves again with each message, under the same protection: shown too. */
function earlier(exchange) {
  const others = (exchange.meta.detail?.parts ?? []).filter((part) => part !== exchange.ownPart);
  if (others.length === 0) return null;
  const shown = others.map((part) => {
    const before = exchange.textOf(part);
    const segments = before === null ? null : alignCloaked(before, part.findings, part.left);
    return text(...(segments ?? [{ text: part.left, original: null }]).map(pseudonymMark));
  });
  return element("details", { class: "earlier" }, element("summary", {}, t("left.earlier")), ...shown);
}

function returned(exchange) {
  if (exchange.refused) return [note(t("returned.refused"))];
  if (exchange.cameBack === null) return [note(t(exchange.over ? "view.unknown" : "view.pending"))];
  const table = pseudonymTable(exchange.meta?.detail?.parts ?? [], exchange.textOf);
  const segments = splitAtPseudonyms(exchange.cameBack, table);
  const restored = exchange.outcome?.restored ?? segments.filter((segment) => segment.original !== null).length;
  if (restored === 0) return [note(t("returned.none")), text(exchange.cameBack)];
  return [
    note(count("returned.count", restored), "good"),
    element(
      "div",
      { class: "side-by-side" },
      element("section", {}, element("h4", {}, t("returned.raw")), text(...segments.map(pseudonymMark))),
      element("section", {}, element("h4", {}, t("returned.restored")), text(exchange.answer)),
    ),
  ];
}

function pseudonymMark({ text: piece, original }) {
  if (original === null || original === undefined) return piece;
  const title = t("left.stands_for", { pseudonym: piece, original });
  return element("mark", { class: "pseudonym", title }, piece, element("span", { class: "visually-hidden" }, ` (${t("left.pseudonym")})`));
}

function kindOf(finding) {
  return wordFor(`type.${finding.type}`, finding.type);
}

function confidenceOf(finding) {
  return typeof finding.confidence === "number" ? percent(finding.confidence) : t("model.unknown");
}

function markId(exchange, number) {
  return `x${exchange.number}-finding-${number}`;
}

function text(...pieces) {
  return element("div", { class: "text" }, ...pieces);
}

function note(sentence, tone = "") {
  return element("p", { class: `note ${tone}`.trim() }, sentence);
}
