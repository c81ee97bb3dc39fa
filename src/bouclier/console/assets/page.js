// The chat page: what one types, one exchange after another, and nothing kept.

import { announce } from "./announcer.js";
import { isPanelOpen } from "./dialog.js";
import { Exchange, ownProblem } from "./exchange.js";
import { ExposurePanel } from "./exposure_panel.js";
import { converse, holdsKey, Problem, rememberKey, requestBody } from "./gateway.js";
import { Law } from "./law.js";
import { LawPanel } from "./law_panel.js";
import { Models } from "./models.js";
import { both, language, loadWords, speak, t } from "./words.js";

const byId = (id) => document.getElementById(id);
const message = byId("message");
const keyForm = byId("key-form");
const law = new Law(lawChanged);
const lawPanel = new LawPanel(law);
const exposurePanel = new ExposurePanel();
const compelled = (name, facts) => exposurePanel.show(name, facts);
const models = new Models(askForKey, (name, facts) => law.suspending(name, facts), compelled);
const NEAR_BOTTOM_PX = 120;

let exchanges = [];
let counted = 0; // exchanges of this conversation, those tried again included: their ids never clash
let running = null; // {exchange, stop: AbortController} while an answer is on its way
let waitingForKey = null; // what was about to be sent when the gateway asked for a key

await loadWords();

byId("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  sendWritten();
});
message.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sendWritten();
});
message.addEventListener("input", fitMessage);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isPanelOpen()) stop();
});
byId("stop").addEventListener("click", stop);
byId("new").addEventListener("click", startAfresh);
byId("language").addEventListener("click", () => {
  speak(language() === "fr" ? "en" : "fr");
  models.render();
  lawPanel.render();
  exposurePanel.refresh();
  for (const exchange of exchanges) exchange.render();
});
for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", () => write(t(button.dataset.example)));
}
keyForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  rememberKey(byId("key").value.trim());
  byId("key").value = "";
  keyForm.hidden = true;
  await models.refresh();
  if (keyForm.hidden) resume();
});
lawPanel.render();
await Promise.all([models.refresh(), law.refresh()]);
document.body.dataset.ready = "true";

function sendWritten() {
  const text = message.value.trim();
  if (text === "" || running) return;
  write("");
  send(text);
}

function send(text) {
  if (running) return;
  byId("welcome").hidden = true;
  counted += 1;
  const exchange = new Exchange({
    number: counted,
    messages: [...history(), { role: "user", content: text }],
    choosing: models.choosing,
    compelled,
    describe: (deployment) => models.describe(deployment),
    law,
    warned: new Set(exchanges.flatMap((earlier) => earlier.warnings.map(({ id }) => id))),
    retry: (failed) => again(failed),
    resend,
    edit: (refused) => write(refused.text),
  });
  exchanges.push(exchange);
  byId("conversation").append(exchange.node);
  exchange.render();
  exchange.node.scrollIntoView({ block: "start" });
  exchange.body = requestBody({ model: models.selected, messages: exchange.messages });
  run(exchange);
}

/** Send what was held back again, byte for byte, under the exchange that a second person may have approved. */
async function resend(exchange) {
  if (running) return;
  const review = exchange.problem.exchange;
  exchange.begin();
  await run(exchange, review);
  if (document.activeElement === document.body) (byId(`${exchange.id}-resend`) ?? message).focus({ preventScroll: true });
}

async function run(exchange, review = null) {
  const stopper = new AbortController();
  running = { exchange, stop: stopper };
  showRunning();
  try {
    for await (const event of converse({ body: exchange.body, review, signal: stopper.signal })) {
      const follow = nearBottom();
      exchange.receive(event);
      if (follow) requestAnimationFrame(toBottom);
    }
    exchange.end("done");
  } catch (error) {
    settle(exchange, error, stopper.signal.aborted);
  } finally {
    running = null;
    showRunning();
  }
}

/** Say how an exchange ended, when it did not end well. */
function settle(exchange, error, stopped) {
  const told = stopped || error instanceof Problem || error instanceof TypeError;
  const stays = told && exchange.held && !exchange.meta && !error.refused && !error.needsKey;
  if (error instanceof Problem) law.refresh(); // it may be what it is about
  if (stays) {
    exchange.stayHeld(stopped ? both("exchange.stopped") : whyOf(error));
  } else if (stopped) {
    exchange.end("stopped");
  } else if (error instanceof Problem && error.needsKey) {
    forget(exchange);
    waitingForKey = exchange.text;
    askForKey();
  } else if (error instanceof Problem) {
    const own = ["incomplete", "unreadable"].includes(error.code) ? ownProblem(error.code) : null;
    // Once a deployment has been asked, what comes back as a refusal is not the charter's: something left.
    exchange.end(error.refused && !exchange.meta ? "refused" : "failed", own ?? { ...error.about, code: error.code });
    models.refresh();
  } else if (error instanceof TypeError) {
    exchange.end("failed", ownProblem(exchange.meta ? "incomplete" : "network")); // what fetch throws when cut off
    models.refresh();
  } else {
    exchange.end("failed", ownProblem("unreadable"));
    throw error;
  }
}

function whyOf(error) {
  if (!(error instanceof Problem)) return ownProblem("network").message;
  return ["incomplete", "unreadable"].includes(error.code) ? ownProblem(error.code).message : error.about.message;
}

/** What the page shows of the law is shown again. */
function lawChanged() {
  lawPanel.render();
  models.render();
  for (const exchange of exchanges) exchange.lawChanged();
}

/** What the next exchange continues: answered exchanges only; a refused text is not sent again by the back door. */
function history() {
  return exchanges
    .filter((exchange) => exchange.answer !== "" && !exchange.refused && exchange.phase !== "failed")
    .flatMap((exchange) => [
      { role: "user", content: exchange.text },
      { role: "assistant", content: exchange.answer },
    ]);
}

/** Try again what failed, leaving alone what is being written; false when something else is under way. */
function again(exchange) {
  if (running) return false;
  const { text } = exchange;
  forget(exchange);
  if (document.activeElement === document.body) message.focus({ preventScroll: true });
  send(text);
  return true;
}

function forget(exchange) {
  exchanges = exchanges.filter((other) => other !== exchange);
  exchange.leave();
  byId("welcome").hidden = exchanges.length > 0;
}

function stop() {
  running?.stop.abort();
}

function startAfresh() {
  stop();
  for (const exchange of exchanges) exchange.leave();
  exchanges = [];
  counted = 0;
  byId("announcer").replaceChildren();
  byId("welcome").hidden = false;
  write("");
  window.scrollTo(0, 0);
  announce(t("page.new_done"));
}

function askForKey() {
  byId("key-rejected").hidden = !holdsKey();
  keyForm.hidden = false;
  byId("key").focus();
}

function resume() {
  const text = waitingForKey;
  waitingForKey = null;
  message.focus();
  if (text !== null) send(text);
}

function showRunning() {
  const stopHadFocus = document.activeElement === byId("stop");
  const sendHadFocus = document.activeElement === byId("send");
  byId("send").hidden = running !== null;
  byId("stop").hidden = running === null;
  if (stopHadFocus && !running) message.focus({ preventScroll: true });
  if (sendHadFocus && running) byId("stop").focus();
}

function write(text) {
  message.value = text;
  fitMessage();
  message.focus({ preventScroll: true });
}

function fitMessage() {
  message.style.height = "auto";
  message.style.height = `${message.scrollHeight}px`;
}

function nearBottom() {
  const page = document.documentElement;
  return page.scrollHeight - window.innerHeight - window.scrollY < NEAR_BOTTOM_PX;
}

function toBottom() {
  window.scrollTo(0, document.documentElement.scrollHeight);
}
