// Where things stand in a text. Pure: no document, no network.
//
// The gateway counts in code points, JavaScript in UTF-16 units: an emoji is one of the first, two of the second.

/** Code points of a text, so that `points.slice(start, end).join("")` is what the gateway means. */
export function codePoints(text) {
  return Array.from(text);
}

/**
 * Cut a text at its findings.
 *
 * @returns {{text: string, finding: object|null}[]} in order; joined, they are the text
 */
export function splitAtFindings(text, findings) {
  const points = codePoints(text);
  const segments = [];
  let position = 0;
  for (const finding of usable(findings, points.length)) {
    if (finding.start > position) segments.push({ text: points.slice(position, finding.start).join(""), finding: null });
    segments.push({ text: points.slice(finding.start, finding.end).join(""), finding });
    position = finding.end;
  }
  if (position < points.length) segments.push({ text: points.slice(position).join(""), finding: null });
  return segments;
}

/**
 * Find, in a text as it left, what took the place of each finding.
 *
 * What stands between findings leaves unchanged; a finding leaves as the pseudonym it comes with, as a tag of its
 * type, `[TYPE_K7QX]`, or as it is.
 *
 * @param {string|undefined} left missing when nothing left
 * @returns {{text: string, original: string|null}[] | null} null when the two do not match: nothing is guessed
 */
export function alignCloaked(text, findings, left) {
  if (typeof left !== "string") return null;
  const segments = [];
  let position = 0;
  const replaced = (findings ?? []).filter((finding) => !SAID_OF_A_PERSON.has(finding.type));
  for (const { text: piece, finding } of splitAtFindings(text, replaced)) {
    const pseudonym = finding && pseudonymAt(left, position, finding);
    const taken = pseudonym || (left.startsWith(piece, position) ? piece : null);
    if (taken === null) return null;
    segments.push({ text: taken, original: pseudonym ? piece : null });
    position += taken.length;
  }
  return position === left.length ? segments : null;
}

/**
 * Cut a text at the pseudonyms of a table.
 *
 * @param {Map<string, string>} table pseudonym to original
 * @returns {{text: string, original: string|null}[]}
 */
export function splitAtPseudonyms(text, table) {
  if (table.size === 0) return [{ text, original: null }];
  const longestFirst = [...table.keys()].sort((a, b) => b.length - a.length);
  const any = new RegExp(longestFirst.map(escapeForPattern).join("|"), "g");
  const segments = [];
  let position = 0;
  for (const match of text.matchAll(any)) {
    if (match.index > position) segments.push({ text: text.slice(position, match.index), original: null });
    segments.push({ text: match[0], original: table.get(match[0]) });
    position = match.index + match[0].length;
  }
  if (position < text.length) segments.push({ text: text.slice(position), original: null });
  return segments;
}

/** Pseudonym to original, over all the parts of a request; what the shield left as it was is not in it. */
export function pseudonymTable(parts, textOf) {
  const table = new Map();
  for (const part of parts) {
    const text = textOf(part);
    if (text === null) continue;
    for (const segment of alignCloaked(text, part.findings, part.left) ?? []) {
      if (segment.original !== null) table.set(segment.text, segment.original);
    }
  }
  return table;
}

/** Types that stay in the text and may overlap the others: see the categories of the reference. */
const SAID_OF_A_PERSON = new Set([
  "AGE", "HEALTH", "RELIGION", "POLITICS", "UNION", "SEX_LIFE", "ORIGIN", "BIOMETRIC", "GENETIC", "OFFENCE", "MINOR",
]);

/** What can be shown side by side: what identifies first, then what is said of a person where room is left. */
function usable(findings, length) {
  const kept = [];
  const fits = (one) => one.start >= 0 && one.end > one.start && one.end <= length && kept.every((other) => one.end <= other.start || other.end <= one.start);
  for (const said of [false, true]) {
    const layer = (findings ?? []).filter((finding) => SAID_OF_A_PERSON.has(finding.type) === said);
    // An age gives way to what it tells: a minor.
    layer.sort((a, b) => (a.type === "AGE") - (b.type === "AGE") || a.start - b.start || b.end - a.end);
    for (const finding of layer) if (fits(finding)) kept.push(finding);
  }
  return kept.sort((a, b) => a.start - b.start);
}

function pseudonymAt(text, position, { type, pseudonym }) {
  if (pseudonym && text.startsWith(pseudonym, position)) return pseudonym;
  const shape = new RegExp(`\\[${escapeForPattern(type)}_[B-DF-HJ-NP-TV-X2-9]{4,}\\]`, "y");
  shape.lastIndex = position;
  return shape.exec(text)?.[0] ?? null;
}

function escapeForPattern(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
