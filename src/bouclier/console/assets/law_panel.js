// The law here: one line in the masthead that names the charter and who adopted it, a notice when it cannot be relied
// on as usual, and a panel with all of it: orders in force, packs and their texts, digests.

import { Dialog } from "./dialog.js";
import { details, element, refill } from "./dom.js";
import { markdown } from "./markdown.js";
import { orderCard } from "./orders.js";
import { count, day, list, minute, pick, t } from "./words.js";

const byId = (id) => document.getElementById(id);

export class LawPanel {
  #dialog = new Dialog("law");
  #law;
  #open = {}; // which parts are unfolded, by id

  /** @param {Law} law */
  constructor(law) {
    this.#law = law;
    byId("law-open").addEventListener("click", () => this.show());
  }

  show() {
    this.#law.look();
    this.#dialog.show();
  }

  render() {
    const { charter } = this.#law;
    const warned = this.#notices();
    refill(byId("law-line"), ...(charter ? this.#line(charter) : [t(this.#law.reached === false ? "law.unreachable" : "law.loading")]));
    const notice = byId("law-notice");
    notice.hidden = warned.length === 0;
    const told = warned.map((text) => element("p", {}, text)); // said aloud once, not at each look
    if (notice.textContent !== told.map((node) => node.textContent).join("")) notice.replaceChildren(...told);
    refill(byId("law-body"), ...(charter ? this.#body(charter, warned) : [element("p", {}, t("law.unreachable"))]));
  }

  #line(charter) {
    const { in_force: inForce, problems } = charter;
    return [
      element("span", { class: "law-name" }, t("law.version", { name: pick(charter.name), version: charter.version })),
      " ",
      element("span", { class: "law-by" }, adoptedBy(charter)),
      ...current(charter),
      ...(inForce.length > 0 ? [" ", element("span", { class: "law-orders" }, count("law.orders", inForce.length))] : []),
      ...(problems.length > 0 ? [" ", element("span", { class: "law-orders" }, count("law.marks", problems.length))] : []),
    ];
  }

  /** What a reader must know before relying on it. */
  #notices() {
    const { charter, reached } = this.#law;
    if (!charter) return [];
    const when = charter.expires ? minute(new Date(charter.expires)) : "";
    const said = [];
    if (charter.expired) said.push(t("law.expired", { when }));
    if (charter.problem) said.push(t(charter.expired ? "law.because" : "law.not_followed", { problem: pick(charter.problem), when }));
    if (reached === false) said.push(t("law.stale"));
    return said;
  }

  #body(charter, warned) {
    return [
      element("h3", {}, t("law.version", { name: pick(charter.name), version: charter.version })),
      element("p", { class: "law-by" }, adoptedBy(charter), "."),
      ...adoption(charter),
      ...warned.map((text) => element("p", { class: "note warn" }, text)),
      ...charter.problems.map((problem) => element("p", { class: "note warn" }, pick(problem))),
      ...this.#orders(),
      element("h3", {}, t("law.packs")),
      element("p", { class: "muted" }, t("law.packs_about")),
      element("ul", { class: "packs" }, ...charter.packs.map((pack) => element("li", {}, this.#pack(pack)))),
      ...digests(charter),
    ];
  }

  #orders() {
    const { inForce, refused, texts } = this.#law;
    const cards = inForce.map((order) =>
      orderCard(order, { id: `law-${order.policy}`, texts, unfolded: this.#unfolded(order.policy) }),
    );
    const none = element("p", {}, t("law.no_order"));
    const without = refused.map(({ path, reasons }) =>
      element("li", {}, element("code", {}, path), ...reasons.map((reason) => element("p", {}, pick(reason)))),
    );
    const rest = without.length > 0 ? [this.#details("refused", count("law.refused", refused.length), element("ul", {}, ...without))] : [];
    return [
      element("h3", {}, t("law.orders_heading")),
      element("p", { class: "muted" }, t("law.orders_about")),
      ...(cards.length > 0 ? cards : [none]),
      ...rest,
    ];
  }

  #pack({ name, title, version, date }) {
    const text = pick(this.#law.texts?.pack(name));
    const about = element("p", { class: "muted" }, t("law.pack_version", { name, version, date: day(new Date(date)) }));
    const content = text ? markdown(text, 4) : [element("p", {}, t("law.pack_without"))];
    return this.#details(`pack-${name}`, pick(title), element("div", { class: "pack" }, about, ...content));
  }

  #details(name, heading, content) {
    const { open, toggle } = this.#unfolded(name);
    return details({ open }, toggle, element("summary", { id: `law-${name}-summary` }, heading), content);
  }

  #unfolded(name) {
    return { open: this.#open[name] ?? false, toggle: (open) => (this.#open[name] = open) };
  }
}

/** By whom, in one clause: nobody, or the parties, and how many of how many. */
function adoptedBy({ adopted_by: by, parties }) {
  if (by.length === 0) return t("law.by_nobody");
  return t("law.by", { parties: list(by), n: by.length, all: parties.length });
}

/** Until when what others adopted is current; what nobody else adopted is current as long as this machine says. */
function current({ adopted_by: by, expires, expired }) {
  if (!expires || (by.length === 0 && !expired)) return [];
  const said = t(expired ? "law.over" : "law.until", { when: minute(new Date(expires)) });
  return [" ", element("span", { class: expired ? "law-over" : "law-by" }, said)];
}

function adoption(charter) {
  const alone = t(charter.own ? "law.nobody_about" : "law.alone_about");
  const together = t("law.by_about", { threshold: charter.threshold, all: charter.parties.length });
  const nodes = [element("p", {}, charter.adopted_by.length === 0 ? alone : together)];
  if (pick(charter.status)) nodes.push(element("p", {}, t("law.of_itself", { status: pick(charter.status) })));
  const dated = t("law.dated", { date: day(new Date(charter.date)) });
  const until = charter.expires && !charter.expired ? t("law.current", { when: minute(new Date(charter.expires)) }) : "";
  return [...nodes, element("p", { class: "muted" }, [dated, until].filter(Boolean).join(" "))];
}

function digests(charter) {
  const rows = { "law.charter_digest": charter.charter, "law.orders_digest": charter.orders, "law.root": charter.root, "law.timestamp": charter.timestamp };
  const link = (href, key) => element("li", {}, element("a", { id: key, href, target: "_blank", rel: "noopener" }, t(key)));
  return [
    element("h3", {}, t("law.digests")),
    element("p", { class: "muted" }, t("law.digests_about")),
    element(
      "dl",
      {},
      ...Object.entries(rows).map(([key, value]) => element("div", {}, element("dt", {}, t(key)), element("dd", {}, element("code", {}, String(value))))),
    ),
    element("ul", { class: "law-links" }, link("/charter", "law.link_charter"), link("/charter/orders", "law.link_orders"), link("/charter/bundle", "law.link_bundle")),
  ];
}
