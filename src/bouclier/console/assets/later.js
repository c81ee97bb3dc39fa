// Trying again once the gateway says that there may be room: the page waits, and says so; one can change one's mind.

import { announce } from "./announcer.js";
import { element } from "./dom.js";
import { duration, t } from "./words.js";

const LONGEST_S = 900; // who would be told to come back later than that is told, and not kept waiting
const AGAIN_S = 1; // while another exchange is under way

export class Later {
  #due = 0; // when it goes again by itself, of the page's clock; 0 when nobody asked for that
  #retry;
  #timer = 0;
  #said;

  /** @param {() => boolean} retry tries again; false when that cannot be now */
  constructor(retry) {
    this.#retry = retry;
  }

  /** When to come again, in words, and a button to do so by itself; nothing when nobody knows when. */
  shown(retryAfterS, button) {
    if (!retryAfterS) return { said: null, action: null };
    this.#said = element("span", {});
    const act = button("later", "later.offer", () => (this.#due ? this.leave() : this.#begin(retryAfterS)));
    this.action = act;
    this.#offered = t("later.offer", { time: duration(retryAfterS) });
    this.#draw();
    return { said: element("p", {}, t("later.said", { time: duration(retryAfterS) })), action: retryAfterS <= LONGEST_S ? act : null };
  }

  #offered = "";

  #begin(seconds) {
    this.#due = performance.now() + seconds * 1000;
    announce(t("later.begun", { time: duration(seconds) }));
    this.#tick();
  }

  /** Nobody waits any more. */
  leave() {
    clearTimeout(this.#timer);
    this.#due = 0;
    this.#draw();
  }

  #tick() {
    this.#draw();
    const left = this.#due - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(() => this.#tick(), Math.min(left, 1000));
    } else if (!this.#retry()) {
      this.#due = performance.now() + AGAIN_S * 1000;
      this.#timer = setTimeout(() => this.#tick(), AGAIN_S * 1000);
    }
  }

  #draw() {
    if (!this.action) return;
    const left = Math.ceil((this.#due - performance.now()) / 1000);
    this.action.textContent = this.#due ? t("later.waiting", { time: duration(Math.max(0, left)) }) : this.#offered;
  }
}
