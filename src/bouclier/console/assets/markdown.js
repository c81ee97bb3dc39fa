// Show the human text of a pack: the little Markdown it is written in. Whatever it says, it is text, never markup.

import { element } from "./dom.js";
import { inline } from "./prose.js";

/** Nodes for a text: headings (under the level given), lists, tables and paragraphs; its title is left out. */
export function markdown(text, level) {
  return text
    .split(/\n{2,}/)
    .flatMap((block) => splitAtHeading(block.trim().split("\n")))
    .map((lines) => blockOf(lines, level))
    .filter((node) => node !== null);
}

function splitAtHeading(lines) {
  return lines[0].startsWith("#") && lines.length > 1 ? [lines.slice(0, 1), lines.slice(1)] : [lines];
}

function blockOf(lines, level) {
  const [first] = lines;
  if (first === "" || first.startsWith("# ")) return null;
  if (first.startsWith("#")) return element(`h${level}`, {}, first.replace(/^#+\s*/, ""));
  if (first.startsWith("|")) return table(lines);
  const mark = /^(-|\d+\.) /.exec(first)?.[1];
  if (!mark) return element("p", {}, ...inline(joined(lines)));
  return element(mark === "-" ? "ul" : "ol", {}, ...items(lines).map((item) => element("li", {}, ...inline(item))));
}

function items(lines) {
  const found = [];
  for (const line of lines) {
    const [mark] = /^(-|\d+\.) /.exec(line) ?? [""];
    if (mark) found.push(line.slice(mark.length));
    else found.push(`${found.pop()} ${line.trim()}`); // the line before goes on
  }
  return found;
}

function table(lines) {
  const rows = lines.filter((line) => !/^[|\s:-]+$/.test(line)).map(cells);
  const row = (name, texts) => element("tr", {}, ...texts.map((text) => element(name, name === "th" ? { scope: "col" } : {}, ...inline(text))));
  const [head, ...body] = rows;
  return element(
    "div",
    { class: "table", tabindex: "0" },
    element("table", {}, element("thead", {}, row("th", head)), element("tbody", {}, ...body.map((texts) => row("td", texts)))),
  );
}

function cells(line) {
  return line.replace(/^\||\|\s*$/g, "").split("|").map((cell) => cell.trim());
}

function joined(lines) {
  return lines.map((line) => line.trim()).join(" ");
}
