// The receipt of an exchange, to read, copy or keep.

import { announce } from "./announcer.js";
import { copyText, element } from "./dom.js";
import { t } from "./words.js";

/** The content of the receipt's disclosure. */
export function receiptBody(receipt, { id, refused }) {
  const json = JSON.stringify(receipt, null, 2);
  const shown = element("pre", { tabindex: "0", "aria-label": t("receipt.json"), id: `${id}-receipt-json` }, json);
  const copy = element("button", { type: "button", class: "quiet", id: `${id}-receipt-copy` }, t("receipt.copy"));
  copy.addEventListener("click", async () => {
    const copied = await copyText(json, shown);
    copy.textContent = copied ? t("exchange.copied") : t("receipt.copy");
    announce(t(copied ? "exchange.copied" : "exchange.copy_by_hand"));
  });
  const download = element(
    "button",
    { type: "button", class: "quiet", id: `${id}-receipt-download`, click: () => save(json, `receipt-${receipt.exchange}.json`) },
    t("receipt.download"),
  );
  return [
    element("p", {}, t(refused ? "receipt.explain_refused" : "receipt.explain", { index: receipt.index })),
    element("div", { class: "actions" }, copy, download),
    shown,
  ];
}

function save(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000); // the download has taken its copy by then
}
