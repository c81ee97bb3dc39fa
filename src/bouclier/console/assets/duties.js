// What had to be done for an exchange to be permitted, in words. A duty is a word, or a word and its argument:
// `warn:ai-generated`, `retain:180-365` (days), `carbon-cap:2000` (mg of CO2e).

import { number, t, wordFor } from "./words.js";

/** A duty in a few words, as the receipt lists it. */
export function dutyWords(duty) {
  const { word, holes } = read(duty);
  return fill(`duty.${word}`, duty, holes);
}

/** A duty in a sentence: what was done, and what for. */
export function dutyExplained(duty) {
  const { word, holes } = read(duty);
  return fill(`why.duty_${word}`, duty, holes);
}

function read(duty) {
  const [word, argument = ""] = duty.split(":");
  const [least, most] = argument.split("-").map((days) => number(Number(days)));
  const grams = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 3 }).format(Number(argument) / 1000);
  return { word, holes: { warning: argument, least, most, grams } };
}

function fill(key, duty, holes) {
  return wordFor(key, null) === null ? duty : t(key, holes); // a newer gateway may know more duties than this page
}
