/** What a count that only grows has grown by. */
export class Overflow {
  readonly #count: () => number;
  #seen = 0;

  /** @param count nobody can tell: 0 */
  constructor(count: () => number = () => 0) {
    this.#count = count;
  }

  /** Since the last call. */
  take(): number {
    const now = this.#count();
    // The kernel counts in 32 bits.
    const more = (now - this.#seen) >>> 0;
    this.#seen = now;
    return more;
  }
}
