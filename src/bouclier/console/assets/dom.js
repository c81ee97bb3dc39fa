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

/** Replace an element's content, keeping the keyboard on the same control or, if that is gone, on what it was under. */
export function refill(container, ...children) {
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
