// Tabs after the ARIA Authoring Practices: one tab stop; arrows, Home and End move and select.

import { element } from "./dom.js";

/**
 * @param {object} options
 * @param {string} options.id prefix of the ids
 * @param {string} options.label what the set of tabs is
 * @param {{key: string, title: string, content: Node[]}[]} options.views
 * @param {string} options.selected key of the view shown
 * @param {(key: string) => void} options.select remembers a choice; does not need to draw
 * @returns {Node[]} the list of tabs, then one panel per tab
 */
export function tabs({ id, label, views, selected, select }) {
  const buttons = views.map(({ key, title }) =>
    element(
      "button",
      { type: "button", role: "tab", id: `${id}-tab-${key}`, "aria-controls": `${id}-panel-${key}`, click: () => show(key) },
      title,
    ),
  );
  const panels = views.map(({ key, content }) =>
    element(
      "div",
      { role: "tabpanel", id: `${id}-panel-${key}`, "aria-labelledby": `${id}-tab-${key}`, tabindex: "0", class: "panel" },
      ...content,
    ),
  );

  function show(key) {
    views.forEach((view, index) => {
      const chosen = view.key === key;
      buttons[index].setAttribute("aria-selected", String(chosen));
      buttons[index].tabIndex = chosen ? 0 : -1;
      panels[index].hidden = !chosen;
    });
    select(key);
  }

  function move(event) {
    const from = buttons.indexOf(document.activeElement);
    const last = buttons.length - 1;
    const to = { ArrowRight: from === last ? 0 : from + 1, ArrowLeft: from === 0 ? last : from - 1, Home: 0, End: last }[
      event.key
    ];
    if (from < 0 || to === undefined) return;
    event.preventDefault();
    show(views[to].key);
    buttons[to].focus();
  }

  show(selected);
  return [element("div", { role: "tablist", "aria-label": label, class: "tabs", keydown: move }, ...buttons), ...panels];
}
