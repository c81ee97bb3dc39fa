// What a receipt says, for anyone to read, and the files to keep.

import { element } from "./dom.js";
import { dutyWords } from "./duties.js";
import { count, duration, list, moment, t, wordFor } from "./words.js";

/** The receipt's number and how far it has come, in a few words. */
export function receiptMark({ index, state, proof }) {
  const said =
    state === "final"
      ? count("receipt.mark.final", proof.cosignatures.length, { index })
      : t(`receipt.mark.${state}`, { index });
  return element("span", { class: `receipt-mark receipt-${state}` }, said);
}

/** The same in a whole sentence. */
export function receiptSaid({ index, state, proof }) {
  if (state !== "final") return t(`receipt.said.${state}`, { index });
  const when = moment(new Date(Math.max(...proof.cosignatures.map(({ time }) => time))));
  return count("receipt.said.final", proof.cosignatures.length, { index, when });
}

/** The content of the receipt's disclosure. */
export function receiptBody(receipt, { id, body }) {
  const { index, proof, state } = receipt;
  const entry = proof?.entry;
  const decision = entry?.kind === "decision" && [3, 4].includes(entry.v) ? entry : null; // no other can be told in words
  const file = t("receipt.file", { index });
  const button = (name, words, act) =>
    element("button", { type: "button", class: "quiet", id: `${id}-receipt-${name}`, click: act }, t(words));
  return [
    element("p", { class: `receipt-said receipt-${state}` }, receiptSaid(receipt)),
    decision ? element("p", {}, t(decision.chosen ? "receipt.explain" : "receipt.explain_unsent")) : null,
    element(
      "div",
      { class: "actions" },
      button("download", "receipt.download", () => save(receipt.text, file)),
      button("request", "receipt.download_request", () => save(body, t("receipt.request_file", { index }))),
      state === "late" ? button("ask", "receipt.ask", () => receipt.follow()) : null,
    ),
    proof ? facts({ ...logFacts(proof), ...(decision ? entryFacts(decision) : {}) }) : null,
    element("p", {}, t("receipt.verify"), " ", element("code", {}, `bouclier receipt verify ${file} --policy POLICY`)),
    entry ? whole(entry, `${id}-receipt-entry`) : null,
  ].filter((node) => node !== null);
}

function logFacts({ origin, size, cosignatures }) {
  return {
    "receipt.log": [code(origin)],
    "receipt.size": [count("receipt.entries", size)],
    "receipt.cosigned": cosignatures.map(({ name, time }) =>
      element("div", {}, code(name), ", ", element("time", { datetime: time.toISOString() }, moment(time))),
    ),
  };
}

function entryFacts({ candidates, chosen, data_class: dataClass, law, review, sealed, time, tried, waited_ms: waitedMs }) {
  const serving = candidates.find(({ deployment }) => deployment === chosen);
  const policies = new Set((serving ? [serving] : candidates).flatMap((candidate) => candidate.policies));
  const unsent = candidates.some(({ permitted }) => permitted) ? "receipt.unserved" : "receipt.refused";
  return {
    "receipt.recorded": [element("time", { datetime: new Date(time).toISOString() }, moment(new Date(time)))],
    "receipt.decision": [chosen ? t("receipt.permitted", { deployment: chosen }) : t(unsent)],
    "receipt.class": [wordFor(`class.${dataClass}`, dataClass)],
    "receipt.policies": [...policies].map((id) => element("div", {}, code(id))),
    "receipt.duties": (serving?.duties ?? []).map((duty) => element("div", {}, dutyWords(duty))),
    "receipt.tried": tried.length > 0 ? [list(tried)] : [],
    "receipt.waited": waitedMs > 0 ? [duration(Math.ceil(waitedMs / 1000))] : [],
    "receipt.review": review ? [code(review)] : [],
    "receipt.sealed": sealed ? [code(sealed)] : [],
    "receipt.charter": [code(law.charter)],
    "receipt.orders": [code(law.orders)],
    "receipt.registry": law.registry ? [code(law.registry)] : [], // entries of version 3 do not cite it with the law
  };
}

/** Facts by the key of their name; those that have nothing to say are left out. */
function facts(said) {
  const rows = Object.entries(said).filter(([, nodes]) => nodes.length > 0);
  return element("dl", {}, ...rows.flatMap(([key, nodes]) => [element("dt", {}, t(key)), element("dd", {}, ...nodes)]));
}

function whole(entry, id) {
  return element("pre", { tabindex: "0", "aria-label": t("receipt.entry"), id }, JSON.stringify(entry, null, 2));
}

function code(text) {
  return element("code", {}, text);
}

function save(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000); // the download has taken its copy by then
}
