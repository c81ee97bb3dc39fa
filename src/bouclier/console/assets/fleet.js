// How deployments are now, as the gateway says it of all of them: free, full, withdrawn by their operator, resting.
//
// Asked again every half minute while somebody looks. What it says is true of a moment and is told as such.

import { fleetNow } from "./gateway.js";

const EVERY_MS = 30_000;

export class Fleet {
  #changed;
  #sites = {};
  #readAt = 0;
  #timer = 0;

  /** @param {() => void} changed called when there is something else to show */
  constructor(changed) {
    this.#changed = changed;
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  async refresh() {
    clearTimeout(this.#timer);
    const before = this.#told();
    const fleet = await fleetNow();
    if (fleet) {
      this.#sites = fleet.sites ?? {};
      this.#readAt = Date.now();
    }
    if (this.#told() !== before) this.#changed();
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.refresh(), EVERY_MS);
  }

  /**
   * How a deployment is.
   *
   * @returns {{word: string, inFlight: number, slots: number | null, retryS: number, by: string | null, until: Date | null} | null}
   *     `by` and `until` when its operator withdraws it; null when nothing is known
   */
  of(name) {
    const site = Object.values(this.#sites).find(({ deployments }) => name in (deployments ?? {}));
    if (!site) return null;
    const state = site.deployments[name];
    const announced = state.draining ? withdrawing(name, site.announced ?? []) : null;
    return {
      word: state.state,
      inFlight: state.in_flight + state.elsewhere,
      slots: state.slots,
      retryS: Math.ceil(state.retry_in_ms / 1000),
      by: announced?.by ?? null,
      until: announced?.ends_in_s ? new Date(this.#readAt + announced.ends_in_s * 1000) : null,
    };
  }

  /** What the page says of it, without what changes at each look. */
  #told() {
    const sites = Object.values(this.#sites);
    const names = sites.flatMap(({ deployments }) => Object.keys(deployments ?? {}));
    const told = ({ word, by, inFlight, slots }) => [word, by, slots && inFlight, slots];
    return JSON.stringify(names.map((name) => [name, ...told(this.of(name))]));
  }
}

/** The announcement that counts: the latest one that is of a deployment or of its whole site. */
function withdrawing(name, announced) {
  const counted = announced.filter(({ deployment }) => deployment === null || deployment === name);
  const [latest] = counted.sort((one, other) => one.said_s_ago - other.said_s_ago);
  return latest?.state === "draining" ? latest : null;
}
