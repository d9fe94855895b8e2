import type { Target } from '../overlay/index.ts';
import { FIRST_RETRY_DELAY, LONGEST_RETRY_DELAY } from './constants.ts';

/**
 * Whom to dial next, and when: exponential back-off with jitter, the candidates in turn, and at once whom a redirect names. Pure: it is
 * told the time (ms) and given its random numbers.
 */
export class Redial {
  readonly #random: () => number;
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  /** Address of the owner, as another member said. */
  #named: string | undefined;
  /** Whether the last try ended with a redirect. */
  #redirected = false;

  /** @param random from 0 to 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** When the next try is due, ms; in the past: now. */
  get due(): number {
    return this.#notBefore;
  }

  /** @param candidates the likeliest first, at least one */
  choose(candidates: readonly Target[]): Target {
    const named = candidates.find(({ endpoint }) => endpoint.address === this.#named);
    this.#named = undefined;
    return named ?? candidates[this.#failures % candidates.length]!;
  }

  failed(now: number): void {
    const delay = Math.min(FIRST_RETRY_DELAY * 2 ** this.#failures, LONGEST_RETRY_DELAY);
    this.#failures++;
    this.#redirected = false;
    // Half of it is jitter, so that those who were cut off together do not come back together.
    this.#notBefore = now + delay * (0.5 + 0.5 * this.#random());
  }

  /** Followed at once, but the second of two in a row counts as a failure: two members may each name the other. */
  redirected(owner: string, now: number): void {
    if (this.#redirected) this.failed(now);
    else {
      this.#redirected = true;
      this.#notBefore = now;
    }
    this.#named = owner;
  }

  connected(): void {
    this.#failures = 0;
    this.#redirected = false;
    this.#notBefore = Number.NEGATIVE_INFINITY;
  }
}
