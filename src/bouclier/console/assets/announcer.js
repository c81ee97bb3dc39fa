// Tell assistive technology what happens, politely: whole sentences, and not more often than one can listen to.

import { element } from "./dom.js";

const EVERY_MS = 4000;
const KEPT = 20;

export function announce(text) {
  if (!text) return;
  const region = document.getElementById("announcer");
  region.append(element("p", {}, text));
  while (region.childElementCount > KEPT) region.firstElementChild.remove();
}

/** Reads a streamed answer aloud, a few sentences at a time. */
export class StreamAnnouncer {
  #pending = "";
  #last = performance.now();

  feed(text) {
    this.#pending += text;
    if (performance.now() - this.#last < EVERY_MS) return;
    const end = Math.max(...[". ", "! ", "? ", "\n"].map((stop) => this.#pending.lastIndexOf(stop)));
    if (end < 0) return;
    announce(this.#pending.slice(0, end + 1).trim());
    this.#pending = this.#pending.slice(end + 1);
    this.#last = performance.now();
  }

  finish(closing) {
    announce(this.#pending.trim());
    announce(closing);
    this.#pending = "";
  }
}
