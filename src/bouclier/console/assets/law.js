// The law of this gateway, as it publishes it: the charter, who adopted it, and the orders in force.
//
// It is asked again every half minute while somebody looks, and at once when an exchange cites another law than the one
// known here. Nothing is verified: what proves that it is the law that was signed is in the log, for `bouclier`.

import { charterInForce, ordersPublished, wholeCharter } from "./gateway.js";

const EVERY_MS = 30_000;

export class Law {
  charter = null; // what /charter says; null until it has answered
  inForce = []; // the orders, in full
  refused = []; // published, and without effect
  reached = null; // whether it answered the last time; null before
  texts = null; // the words of the charter itself, once asked for
  #changed;
  #ordersRead = null; // digest of those held here
  #seen = new Map(); // every order seen, by its policy: an exchange may cite one that is over since
  #textsOf = null; // digest of the charter they were asked for
  #timer = 0;

  /** @param {() => void} changed called when there is something else to show */
  constructor(changed) {
    this.#changed = changed;
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  /** An order by the policy that it became, and whether it still applies; null when it was never seen. */
  order(policy) {
    const order = this.#seen.get(policy);
    return order ? { ...order, over: !this.inForce.includes(order) } : null;
  }

  /** The order that suspends a deployment for sure; null when there is none, or when only the gateway can tell. */
  suspending(name, facts) {
    const known = { deployment: name, operator: facts.operator, site: pickSite(facts), openness: facts.openness };
    const selects = ({ selector }) =>
      Object.entries(selector).every(([key, value]) => known[key] !== undefined && known[key] === value);
    return this.inForce.find((order) => order.effect.kind === "suspend" && selects(order)) ?? null;
  }

  async refresh() {
    clearTimeout(this.#timer);
    const before = JSON.stringify([this.charter, this.reached, this.#ordersRead]);
    const charter = await charterInForce();
    this.reached = charter !== null;
    if (charter) {
      if (charter.orders !== this.#ordersRead) await this.#readOrders();
      this.charter = charter;
    }
    if (JSON.stringify([this.charter, this.reached, this.#ordersRead]) !== before) this.#changed();
    if (this.inForce.length > 0 || this.texts) this.readTexts(); // the names of the authorities are there
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.refresh(), EVERY_MS);
  }

  /** Somebody looks at all of it. */
  async look() {
    this.#ordersRead = null; // orders without effect change without a sign
    await this.refresh();
    await this.readTexts();
  }

  /** Take in by what law an exchange was decided. */
  cited({ charter, orders }) {
    if (charter !== this.charter?.charter || orders !== this.charter?.orders) this.refresh();
  }

  /** Ask once for the words of the charter in force: its packs' texts, the names of authorities, what signals mean. */
  async readTexts() {
    const digest = this.charter?.charter;
    if (!digest || this.#textsOf === digest) return;
    this.#textsOf = digest;
    const files = await wholeCharter();
    if (files) {
      this.texts = textsOf(files);
      this.#changed();
    } else {
      this.#textsOf = null; // to be asked for again
    }
  }

  async #readOrders() {
    const published = await ordersPublished();
    if (!published) return; // what was read before stays, and it is asked for again
    this.#ordersRead = published.digest;
    this.refused = published.refused;
    this.inForce = published.orders.map(({ digest, order }) => ({ ...order, digest, policy: policyOf(order) }));
    for (const order of this.inForce) this.#seen.set(order.policy, order);
  }
}

/** Whether a policy is what an order became, by its name. */
export function isOrder(policy) {
  return policy.id.startsWith("order-");
}

function policyOf({ id }) {
  return `order-${id.replace("/", "-")}`;
}

function pickSite({ site }) {
  return typeof site === "string" ? site : undefined;
}

/** What the files of a charter say to people. */
function textsOf(files) {
  const read = (path, key) => {
    try {
      return JSON.parse(files[path])[key] ?? [];
    } catch {
      return []; // it is not there, or is of another format
    }
  };
  const authorities = new Map(read("authorities.json", "authorities").map(({ id, name, basis }) => [id, { name, basis }]));
  const data = Object.keys(files).filter((path) => /^packs\/[^/]+\/data\.json$/.test(path));
  const nets = data.flatMap((path) => read(path, "second_net"));
  const signals = new Map(nets.map(({ signal, fr, en }) => [signal, { fr, en }]));
  const pack = (name) => ({ fr: files[`packs/${name}/text.fr.md`] ?? "", en: files[`packs/${name}/text.en.md`] ?? "" });
  return { authorities, signals, pack };
}
