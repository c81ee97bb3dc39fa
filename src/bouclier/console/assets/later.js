// Trying again once the gateway says that there may be room: the page waits, and says so; one can change one's mind.

import { announce } from "./announcer.js";
import { duration, t } from "./words.js";

const LONGEST_S = 900; // who is told to come back later than that is not kept waiting
const BUSY_S = 1; // between two looks while another exchange is under way

export class Later {
  #button = null;
  #due = null; // when it goes again by itself, of the page's clock; null when nobody asked for that
  #retry;
  #seconds;
  #timer = 0;

  /**
   * @param {number} seconds after which the gateway says that there may be room
   * @param {() => boolean} retry tries again; false when that cannot be now
   */
  constructor(seconds, retry) {
    this.#seconds = seconds;
    this.#retry = retry;
  }

  get said() {
    return t("later.said", { time: duration(this.#seconds) });
  }

  /** The button that waits, or stops waiting; null when that would be too long. */
  action(button) {
    if (this.#seconds > LONGEST_S) return null;
    this.#button = button("later", "later.offer", () => (this.#due === null ? this.#begin() : this.leave()));
    this.#draw();
    return this.#button;
  }

  /** Nobody waits any more. */
  leave() {
    clearTimeout(this.#timer);
    this.#due = null;
    this.#draw();
  }

  #begin() {
    this.#due = performance.now() + this.#seconds * 1000;
    announce(t("later.begun", { time: duration(this.#seconds) }));
    this.#tick();
  }

  #tick() {
    this.#draw();
    const left = this.#due - performance.now();
    if (left <= 0 && this.#retry()) return;
    this.#timer = setTimeout(() => this.#tick(), left > 0 ? Math.min(left, 1000) : BUSY_S * 1000);
  }

  #draw() {
    if (this.#button === null) return;
    const left = this.#due === null ? this.#seconds : Math.max(0, Math.ceil((this.#due - performance.now()) / 1000));
    this.#button.textContent = t(this.#due === null ? "later.offer" : "later.waiting", { time: duration(left) });
  }
}
