// Read the text of a receipt: c2sp.org/tlog-proof, whose `extra` line holds the entry that it proves.
//
// Nothing is verified here: the gateway that serves this page could as well serve another page. That is for
// `bouclier receipt verify`, with keys that come from elsewhere.

const HEADER = "c2sp.org/tlog-proof@v1";
const KEY_ID_BYTES = 4;
const COSIGNATURE_BYTES = [KEY_ID_BYTES + 8 + 64, KEY_ID_BYTES + 8 + 2420]; // with Ed25519, with ML-DSA-44
const LATEST_S = 8_640_000_000_000; // what a Date can hold

/**
 * @typedef {object} Proof
 * @property {string} text the whole file
 * @property {number} index of the entry
 * @property {string} origin of the log
 * @property {number} size of the tree that the log signed
 * @property {{name: string, time: Date}[]} cosignatures of the witnesses, each once, in the order of the file
 * @property {object | null} entry what was recorded; null in a proof without it
 * @property {string | null} extra the line that holds it
 */

/** @returns {Proof | null} null when it cannot be read */
export function readProof(text) {
  try {
    const [head, note, signatures] = text.split("\n\n");
    const [version, ...lines] = head.split("\n");
    const extra = lines[0].startsWith("extra ") ? lines.shift() : null;
    const [, index] = /^index (\d+)$/.exec(lines[0]);
    const [origin, size] = note.split("\n");
    if (version !== HEADER || !/^\d+$/.test(size)) return null;
    const entry = extra && JSON.parse(JSON.parse(textOf(extra.slice("extra ".length))).entry);
    const cosignatures = cosignaturesOf(signatures, origin);
    return { text, index: Number(index), origin, size: Number(size), cosignatures, entry, extra };
  } catch {
    return null; // a line is missing, or is not what it should be
  }
}

/**
 * What a receipt becomes with a later proof of its entry, which comes without it.
 *
 * @returns {Proof | null} null when that proof is of something else, or no witness cosigned it
 */
export function finished(held, text) {
  const later = readProof(text);
  const same = later?.index === held.index && later.origin === held.origin && later.size >= held.size;
  if (!same || later.cosignatures.length === 0) return null;
  return readProof(`${HEADER}\n${held.extra}\n${text.slice(text.indexOf("index "))}`);
}

/** Signatures whose length is that of a cosignature, and are not the log's own; a witness with two keys counts once. */
function cosignaturesOf(signatures, origin) {
  const times = new Map();
  for (const line of signatures.trimEnd().split("\n")) {
    const [, name, base64] = /^— (\S+) (\S+)$/.exec(line);
    const bytes = bytesOf(base64);
    if (name === origin || !COSIGNATURE_BYTES.includes(bytes.length)) continue;
    const seconds = Number(new DataView(bytes.buffer).getBigUint64(KEY_ID_BYTES));
    if (seconds > 0 && seconds <= LATEST_S) times.set(name, new Date(seconds * 1000));
  }
  return [...times].map(([name, time]) => ({ name, time }));
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function textOf(base64) {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(base64));
}
