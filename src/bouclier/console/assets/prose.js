// Show a model's text: as written, with code blocks set apart. Whatever it says, it is text, never markup.

import { element } from "./dom.js";

/** Nodes for a text: paragraphs keep their white space; fenced code, `code` and **strong** are recognised. */
export function prose(text) {
  return blocks(text).map(({ code, text: block }) =>
    code
      ? element("pre", { tabindex: "0" }, element("code", {}, block))
      : element("p", { class: "prose" }, ...inline(block)),
  );
}

function blocks(text) {
  const found = [];
  let lines = [];
  let code = false;
  const close = () => {
    const block = lines.join("\n");
    const shown = code ? block : block.replace(/^\n+|\s+$/g, "");
    if (shown) found.push({ code, text: shown });
    lines = [];
  };
  for (const line of text.split("\n")) {
    if (/^\s*```/.test(line)) {
      close();
      code = !code;
    } else {
      lines.push(line);
    }
  }
  close();
  return found;
}

/** Nodes for a line of text: `code` and **strong** are recognised. */
export function inline(text) {
  return text
    .split(/(\*\*[^*\n]+\*\*|`[^`\n]+`)/)
    .filter((piece) => piece !== "")
    .map((piece) => {
      if (piece.length > 4 && piece.startsWith("**")) return element("strong", {}, piece.slice(2, -2));
      if (piece.length > 2 && piece.startsWith("`") && piece.endsWith("`")) return element("code", {}, piece.slice(1, -1));
      return piece;
    });
}
