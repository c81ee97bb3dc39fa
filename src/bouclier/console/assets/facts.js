// What is known of a deployment, in words. A missing fact is said to be missing.

import { country, list, pick, t } from "./words.js";

export function operatorOf(deployment) {
  return pick(deployment.operator_name) || (deployment.own ? t("model.own") : deployment.operator) || t("model.unknown");
}

export function siteOf(deployment) {
  return pick(deployment.site) || t("model.unknown");
}

export function opennessOf(deployment) {
  return t(`openness.${["open", "closed"].includes(deployment.openness) ? deployment.openness : "unknown"}`);
}

export function controlOf(deployment) {
  return (deployment.control ?? []).map(country).join(", ") || t("model.unknown");
}

/** Which foreign laws can compel whoever runs a deployment: a level for the mark, and a phrase. */
export function exposureOf(deployment) {
  const laws = deployment.foreign_laws ?? [];
  const contested = deployment.contested ?? [];
  const known = deployment.exposure_known ?? (laws.length > 0 || (deployment.control ?? []).length > 0);
  if (!known) return { level: "unknown", text: t("exposure.unknown") };
  const texts = [
    laws.length === 0 ? t("exposure.none") : t(laws.length === 1 ? "exposure.one" : "exposure.many", { laws: list(laws) }),
  ];
  if (contested.length > 0) texts.push(t("exposure.contested", { laws: list(contested) }));
  return { level: laws.length === 0 ? "none" : "foreign", text: texts.join(" · ") };
}

export function stateOf(deployment) {
  const known = ["ready", "loading", "missing", "failed"];
  return t(`state.${known.includes(deployment.state) ? deployment.state : "unknown"}`);
}
