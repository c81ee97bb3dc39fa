// What is known of a deployment, in words. A missing fact is said to be missing.

import { country, duration, list, minute, pick, t } from "./words.js";

export function operatorOf(deployment) {
  return deployment.own ? t("model.own") : pick(deployment.operator_name) || deployment.operator || t("model.unknown");
}

export function siteOf(deployment) {
  const site = pick(deployment.site);
  return site && site !== "unknown" ? site : t("model.site_unknown"); // `unknown`: as configured when it is not said
}

export function opennessOf(deployment) {
  return t(`openness.${["open", "closed"].includes(deployment.openness) ? deployment.openness : "unknown"}`);
}

export function controlOf(deployment) {
  return (deployment.control ?? []).map(country).join(", ") || t("model.unknown");
}

/** Which foreign laws can compel whoever runs a deployment: a level for the mark, and a phrase. */
export function exposureOf(deployment) {
  const titled = (id) => lawOf(id, deployment.law_titles);
  const laws = namedFirst(deployment.foreign_laws ?? []).map(titled);
  const contested = (deployment.contested ?? []).map(titled);
  const known = deployment.exposure_known ?? (laws.length > 0 || (deployment.control ?? []).length > 0);
  const disputed = contested.length > 0 ? ` · ${t("exposure.contested", { laws: list(contested) })}` : "";
  if (!known) {
    if (laws.length === 0) return { level: "unknown", text: t("exposure.unknown") };
    return { level: "foreign", text: t("exposure.at_least", { laws: list(laws) }) + disputed };
  }
  if (laws.length > 0) {
    const key = laws.length === 1 ? "exposure.one" : "exposure.many";
    return { level: "foreign", text: t(key, { laws: list(laws) }) + disputed };
  }
  if (disputed) return { level: "disputed", text: t("exposure.none_sure") + disputed };
  return { level: "none", text: t("exposure.none") };
}

function namedFirst(ids) {
  const unnamed = (id) => id.startsWith("law-of-");
  return [...ids.filter((id) => !unnamed(id)), ...ids.filter(unnamed)];
}

/**
 * A law by its title, or else by its id in the registry; `law-of-XX` is all the law of a state, when none is named.
 *
 * @param {string} id
 * @param {object} [titles] in each language, by id
 */
export function lawOf(id, titles = {}) {
  const [, state] = /^law-of-([A-Z]{2})$/.exec(id) ?? [];
  return state ? t("exposure.law_of", { country: country(state) }) : pick(titles[id]) || id.toUpperCase();
}

const OWN_STATES = ["loading", "stopped", "missing", "failed"]; // of the engine, which knows itself best
const FLEET_STATES = ["full", "draining", "breaker", "trial", "down", "overloaded"];

/**
 * How a deployment is, when there is something to say: a word, and a phrase; null when it is ready, or not known.
 *
 * @param {object} deployment what the list says of it
 * @param {object | null} now what the fleet says of it
 */
export function stateOf(deployment, now) {
  if (OWN_STATES.includes(deployment.state)) return { word: deployment.state, text: t(`state.${deployment.state}`) };
  if (!FLEET_STATES.includes(now?.word)) return null;
  return { word: now.word, text: [t(`state.${now.word}`), ...moreOf(now)].join(", ") };
}

function moreOf({ word, by, until, retryS }) {
  if (word === "draining") {
    return [by ? t("state.by", { by }) : "", until ? t("state.until", { when: minute(until) }) : ""].filter(Boolean);
  }
  return ["breaker", "overloaded"].includes(word) && retryS > 0 ? [t("state.again", { time: duration(retryS) })] : [];
}
