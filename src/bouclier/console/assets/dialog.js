// A panel over the page: it opens at its top, closes by its button, by Escape or by a click beside it, and gives the
// keyboard back to what opened it, even when that was drawn again meanwhile.

export class Dialog {
  #opener = "";

  /** @param {string} id of a `dialog` whose button to close it has the id `<id>-close` */
  constructor(id) {
    this.node = document.getElementById(id);
    document.getElementById(`${id}-close`).addEventListener("click", () => this.node.close());
    this.node.addEventListener("click", (event) => this.#isBeside(event) && this.node.close());
    this.node.addEventListener("close", () => document.getElementById(this.#opener)?.focus({ preventScroll: true }));
  }

  show() {
    this.#opener = document.activeElement?.id ?? "";
    this.node.showModal();
    this.node.scrollTop = 0;
  }

  /** Whether somebody points at the page behind. */
  #isBeside({ target, clientX }) {
    return target === this.node && clientX < this.node.getBoundingClientRect().left;
  }
}

/** Whether a panel is over the page. */
export function isPanelOpen() {
  return document.querySelector("dialog[open]") !== null;
}
