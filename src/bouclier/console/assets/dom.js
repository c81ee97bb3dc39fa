// Build elements. Text only ever enters the page as text nodes: nothing here parses HTML.

/**
 * @param {string} name tag name
 * @param {Record<string, unknown>} attributes null, undefined and false leave an attribute out; functions become listeners
 * @param {...(Node|string|null|undefined)} children
 */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(key, value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * What is folded under a summary, and unfolded by it.
 *
 * @param {Record<string, unknown>} attributes of `details`; `open` says whether it is unfolded
 * @param {(open: boolean) => void} folded told at the click itself: the browser's own event comes later, when the page
 *   may have been drawn anew, folded again under the reader's eyes
 * @param {HTMLElement} summary
 * @param {...(Node|string|null|undefined)} children
 */
export function details(attributes, folded, summary, ...children) {
  const node = element("details", attributes, summary, ...children);
  summary.addEventListener("click", () => folded(!node.open));
  node.addEventListener("toggle", () => folded(node.open)); // what a search in the page unfolds is not clicked
  return node;
}

/** A drawing of the page's own set, invisible to assistive technology. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

let pressed = null; // what is pressed and not let go yet
const waiting = new Map(); // containers to refill once it is, and with what

listen("pointerdown", ({ target }) => (pressed = target));
listen("keydown", ({ key, target }) => key === " " && (pressed = target));
for (const name of ["pointerup", "pointercancel", "keyup"]) listen(name, () => setTimeout(letGo)); // after the click
listen("click", ({ isTrusted }) => isTrusted && (pressed = null));
window.addEventListener("blur", letGo);

function listen(name, act) {
  document.addEventListener(name, act, { capture: true });
}

function letGo() {
  pressed = null;
  for (const [container, children] of [...waiting]) refill(container, ...children);
}

/**
 * Replace an element's content, keeping the keyboard on the same control or, if that is gone, on what it was under.
 *
 * Not while somebody presses a control in it, which would be gone before the click: as soon as it is let go.
 */
export function refill(container, ...children) {
  if (pressed && pressed !== container && container.contains(pressed)) {
    waiting.set(container, children);
    return;
  }
  waiting.delete(container);
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const under = focused?.closest("details")?.querySelector("summary");
  container.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
  const again = [focused, under].map((node) => document.getElementById(node?.id ?? "")).find(Boolean);
  again?.focus({ preventScroll: true });
}

/** Copy text; where the browser refuses, select it so that the person can. Returns whether it was copied. */
export async function copyText(text, shownIn) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const selection = window.getSelection();
    selection.removeAllRanges();
    const range = document.createRange();
    range.selectNodeContents(shownIn);
    selection.addRange(range);
    return false;
  }
}
