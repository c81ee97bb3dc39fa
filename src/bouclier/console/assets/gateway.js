// Talk to the gateway this page came from: the models, and one exchange at a time, streamed.

const KEY = "bouclier-key"; // in sessionStorage: this tab only, gone when it closes
const PATIENCE_MS = 10_000; // with what is asked on the side
let keyInMemory = null;

/** What the gateway says when the answer is not an answer; or what we say when it says nothing. */
export class Problem extends Error {
  constructor(status, error, retryAfterS = null) {
    const ours = error.bouclier ?? {};
    super(ours.code ?? error.code ?? "error");
    this.status = status;
    this.code = this.message; // ours first: a deployment's own code may mean something else there
    this.about = {
      message: { fr: ours.message_fr ?? error.message, en: ours.message_en ?? error.message },
      hint: { fr: ours.hint_fr ?? "", en: ours.hint_en ?? "" },
      policies: ours.policies ?? [],
      param: error.param ?? null,
      ...ours,
      retryAfterS,
    };
  }

  get needsKey() {
    return this.status === 401;
  }

  get refused() {
    return this.status === 403 || this.code.startsWith("refused");
  }
}

export function rememberKey(key) {
  try {
    sessionStorage.setItem(KEY, key);
  } catch {
    // Storage is forbidden in this browser: the key then lasts as long as the page.
  }
  keyInMemory = key;
}

function headers(more = {}) {
  let key = keyInMemory;
  try {
    key ??= sessionStorage.getItem(KEY);
  } catch {
    // As above.
  }
  return key ? { ...more, authorization: `Bearer ${key}` } : more;
}

export function holdsKey() {
  return "authorization" in headers();
}

/** How deployments are now, by site; null when that cannot be told now. */
export async function fleetNow() {
  return aside("/fleet", (answer) => answer.json());
}

/** Who can be compelled of a deployment, in words; null when nobody knows. */
export async function exposureTold(name, language) {
  return aside(`/exposure/${encodeURIComponent(name)}.json?lang=${language}`, (answer) => answer.json());
}

/** The same as a picture. */
export async function exposureDrawn(name, language) {
  return aside(`/exposure/${encodeURIComponent(name)}.svg?lang=${language}`, (answer) => answer.blob());
}

export async function listModels() {
  const answer = await fetch("/v1/models", { headers: headers() });
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()).data;
}

/** The exact body of a request, which the receipt commits to. */
export function requestBody({ model, messages }) {
  return JSON.stringify({ model, messages, stream: true, bouclier: { detail: true } });
}

/**
 * Send a conversation and yield each event of the answer as it arrives.
 *
 * @param {object} request
 * @param {string} request.body as `requestBody` makes it
 * @param {string | null} request.review the exchange of the same request that a second person approved
 * @param {AbortSignal} request.signal
 * @throws {Problem} the gateway refused or failed, before or during the answer
 */
export async function* converse({ body, review, signal }) {
  const answer = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: headers({ "content-type": "application/json", ...(review ? { "x-bouclier-review": review } : {}) }),
    body,
    signal,
  });
  if (!answer.ok) throw await problemOf(answer);
  for await (const data of events(answer.body)) {
    if (data === "[DONE]") return;
    const event = parse(data);
    if (event.error) throw new Problem(0, event.error);
    yield event;
  }
  throw new Problem(0, { code: "incomplete" });
}

/** Whether independent witnesses cosign the gateway's log; null when that cannot be told now. */
export async function isWitnessed() {
  const health = await aside("/health", (answer) => answer.json());
  return health?.log?.witnessed ?? null;
}

/** The proof of an entry that the gateway's log has published; null when there is none yet. */
export async function publishedProof(address) {
  return aside(address, (answer) => answer.text());
}

/** The charter in force, who adopted it, how it is followed; null when that cannot be told now. */
export async function charterInForce() {
  return aside("/charter", (answer) => answer.json());
}

/** The orders in force, in full, and those published without effect; null when that cannot be told now. */
export async function ordersPublished() {
  return aside("/charter/orders", (answer) => answer.json());
}

/** The files of the charter in force, by path; null when they do not come. */
export async function wholeCharter() {
  return aside("/charter/bundle", async (answer) => (await answer.json()).files ?? null);
}

/** Ask for something that can wait: null when it is not there, or does not come. */
async function aside(address, read) {
  try {
    const answer = await fetch(address, { cache: "no-store", headers: headers(), signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok ? await read(answer) : null;
  } catch {
    return null; // cut off, too late or unreadable
  }
}

/** Server-sent events of a body: the `data` of each, whatever the chunks and the line ends. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "" && data.length > 0) {
          yield data.join("\n");
          data = [];
        } else if (line.startsWith("data:")) {
          data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // the other side may already be gone
  }
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    throw new Problem(0, { code: "unreadable" });
  }
}

async function problemOf(answer) {
  let error = { code: "unreadable" };
  try {
    error = (await answer.json()).error ?? error;
  } catch {
    // Not JSON: something other than the gateway answered.
  }
  const after = Number(answer.headers.get("retry-after") ?? ""); // a date is nobody's here
  return new Problem(answer.status, error, Number.isInteger(after) && after > 0 ? after : null);
}
