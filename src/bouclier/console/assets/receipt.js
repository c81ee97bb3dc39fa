// The receipt of an exchange, followed until the independent witnesses have cosigned it: often at first, then less so,
// for a minute at most, and again when asked. Whatever goes wrong here, the receipt that came with the answer is kept.

import { isWitnessed, publishedProof } from "./gateway.js";
import { finished, readProof } from "./proof.js";

const FIRST_MS = 200;
const SLOWER = 1.5;
const SLOWEST_MS = 5000;
const LONGEST_MS = 60_000;

export class Receipt {
  state = "signed"; // by the log; then alone, without witnesses; or waiting for them, late, final
  #changed;
  #left = false;
  #url;
  #witnessed = null; // not known yet

  /**
   * @param {{index: number, proof: string, state: string, url: string}} shown as the gateway shows it
   * @param {() => void} changed called when the state has changed
   */
  constructor({ index, proof, state, url }, changed) {
    this.index = index;
    this.text = proof;
    this.proof = readProof(proof); // null when it cannot be read: it can be kept all the same
    this.#changed = changed;
    this.#url = url;
    if (!this.proof?.extra) return;
    if (state === "final" && this.proof.cosignatures.length > 0) this.state = "final";
    else this.follow();
  }

  /** Ask for the cosignatures of the witnesses, for a minute. */
  async follow() {
    if (this.state === "late") this.#become("waiting");
    const until = performance.now() + LONGEST_MS;
    for (let pause = FIRST_MS; performance.now() < until && !this.#left; pause = Math.min(pause * SLOWER, SLOWEST_MS)) {
      this.#witnessed ??= await isWitnessed();
      if (this.#witnessed === false) return this.#become("alone");
      if (this.#witnessed) this.#become("waiting");
      await new Promise((resolve) => setTimeout(resolve, pause));
      const proof = this.#left ? null : finished(this.proof, await publishedProof(this.#url));
      if (proof) return this.#finish(proof);
    }
    this.#become("late");
  }

  /** Nobody looks at it any more. */
  leave() {
    this.#left = true;
  }

  #finish(proof) {
    this.proof = proof;
    this.text = proof.text;
    this.#become("final");
  }

  #become(state) {
    if (this.#left || this.state === state) return;
    this.state = state;
    this.#changed();
  }
}
