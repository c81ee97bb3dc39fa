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
 * What stands between findings leaves unchanged, so it is looked for in order; where a first place leads nowhere,
 * the next one is tried, within a budget.
 *
 * @returns {{text: string, original: string|null, finding: object|null}[] | null} null when the two do not match
 */
export function alignCloaked(text, findings, left) {
  const slots = joinNeighbours(splitAtFindings(text, findings));
  if (slots.found.length === 0) return text === left ? [{ text: left, original: null, finding: null }] : null;
  const { before, found, after } = slots;
  if (!left.startsWith(before)) return null;

  const ends = [];
  let slot = 0;
  let tryFrom = before.length + 1;
  for (let budget = 20000; budget > 0; budget -= 1) {
    const gap = after[slot];
    const last = slot === found.length - 1;
    let end = last ? left.length - gap.length : left.indexOf(gap, tryFrom);
    if (last && (end < tryFrom || !left.endsWith(gap))) end = -1;
    if (end >= 0) {
      ends[slot] = end;
      if (last) return aligned(slots, left, ends);
      slot += 1;
      tryFrom = end + gap.length + 1;
    } else {
      slot -= 1;
      if (slot < 0) return null;
      tryFrom = ends[slot] + 1;
    }
  }
  return null;
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

function usable(findings, length) {
  let position = 0;
  return [...(findings ?? [])]
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .filter((finding) => {
      const kept = finding.start >= position && finding.end > finding.start && finding.end <= length;
      if (kept) position = finding.end;
      return kept;
    });
}

/** Findings that touch have nothing between them to hold on to: they are aligned as one. */
function joinNeighbours(segments) {
  const found = [];
  const after = [];
  let before = "";
  for (const segment of segments) {
    if (segment.finding === null) {
      if (found.length === 0) before = segment.text;
      else after[found.length - 1] = segment.text;
    } else if (found.length > 0 && after[found.length - 1] === "") {
      found[found.length - 1].text += segment.text;
    } else {
      found.push({ text: segment.text, finding: segment.finding });
      after.push("");
    }
  }
  return { before, found, after };
}

function aligned({ before, found, after }, left, ends) {
  const segments = [];
  const plain = (text) => text && segments.push({ text, original: null, finding: null });
  plain(before);
  let begin = before.length;
  found.forEach((slot, index) => {
    const text = left.slice(begin, ends[index]);
    segments.push({ text, original: text === slot.text ? null : slot.text, finding: slot.finding });
    plain(after[index]);
    begin = ends[index] + after[index].length;
  });
  return segments;
}

function escapeForPattern(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
