// Every word of the page, in French and English, from one file; the reader may change language at any time.

let table = {};
let current = document.documentElement.lang === "en" ? "en" : "fr";

export async function loadWords() {
  const answer = await fetch(document.documentElement.dataset.strings);
  table = await answer.json();
}

export function language() {
  return current;
}

/** The sentence of a key in the current language, with its `{holes}` filled. */
export function t(key, holes = {}) {
  return fill(table[key]?.[current] ?? key, holes);
}

/** The sentence of a key, or `otherwise` when the page has no word for it (a type or a label it does not know). */
export function wordFor(key, otherwise) {
  return table[key]?.[current] ?? otherwise;
}

/** Pick `key.one` or `key.many` by the grammar of the current language; zero is singular in French. */
export function count(key, n, holes = {}) {
  const form = new Intl.PluralRules(current).select(n) === "one" ? "one" : "many";
  return t(`${key}.${form}`, { n: number(n), ...holes });
}

export function number(n) {
  return new Intl.NumberFormat(current).format(n);
}

/** Both languages of a key, in the shape the gateway uses for its own sentences. */
export function both(key) {
  return { fr: table[key]?.fr ?? key, en: table[key]?.en ?? key };
}

/** A value that is either one string for all or `{fr, en}`. */
export function pick(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? (value[current] ?? value.fr ?? value.en ?? "") : String(value);
}

/** A field said in two languages by a suffix: `title_fr`, `title_en`. */
export function pickField(holder, name) {
  return holder?.[`${name}_${current}`] ?? holder?.[`${name}_fr`] ?? "";
}

export function country(code) {
  try {
    return new Intl.DisplayNames([current], { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** A zone of the electric grid: a state, or a part of one (`SE-SE3`, `NO2`). */
export function placeOf(zone) {
  const state = country(zone.slice(0, 2));
  return zone.length > 2 ? `${state} (${zone})` : state;
}

/** A number as it is, to three decimals. */
export function decimal(value) {
  return new Intl.NumberFormat(current, { maximumFractionDigits: 3 }).format(value);
}

/** A length of time in whole seconds, or minutes, or hours: what one waits for needs no more. */
export function duration(seconds) {
  const [unit, length] = seconds < 120 ? ["second", 1] : seconds < 7200 ? ["minute", 60] : ["hour", 3600];
  const form = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(current, form).format(Math.ceil(seconds / length));
}

export function percent(share) {
  return new Intl.NumberFormat(current, { style: "percent" }).format(share);
}

/** A day and a time of day, here; Europe's English writes them as Europe does. */
export function moment(time) {
  return new Intl.DateTimeFormat(current === "en" ? "en-GB" : current, { dateStyle: "long", timeStyle: "medium" }).format(time);
}

/** The same to the minute, for what begins or ends then. */
export function minute(time) {
  return new Intl.DateTimeFormat(current === "en" ? "en-GB" : current, { dateStyle: "long", timeStyle: "short" }).format(time);
}

/** A day alone: it is the same everywhere, so its time zone is nobody's. */
export function day(date) {
  return new Intl.DateTimeFormat(current === "en" ? "en-GB" : current, { dateStyle: "long", timeZone: "UTC" }).format(date);
}

export function list(items) {
  return new Intl.ListFormat(current, { type: "conjunction" }).format(items);
}

/** Turn the page's fixed texts to a language. What scripts have built is theirs to build again. */
export function speak(next) {
  current = next;
  document.documentElement.lang = next;
  document.title = t("page.title");
  for (const node of document.querySelectorAll("[data-words]")) node.textContent = t(node.dataset.words);
  for (const node of document.querySelectorAll("[data-words-label]")) {
    node.setAttribute("aria-label", t(node.dataset.wordsLabel));
  }
  for (const node of document.querySelectorAll("[data-words-placeholder]")) {
    node.setAttribute("placeholder", t(node.dataset.wordsPlaceholder));
  }
}

function fill(sentence, holes) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in holes ? String(holes[name]) : whole));
}
