/**
 * Smoothed time of something that is waited for again and again, and how much it varies, after the estimator that
 * TCP uses for its round trips (RFC 6298 §2: weights 1/8 and 1/4).
 */
export class SmoothedTime {
  #mean: number | undefined;
  #deviation = 0;

  /** @param sample ms */
  add(sample: number): void {
    if (this.#mean === undefined) {
      this.#mean = sample;
      this.#deviation = sample / 2;
    } else {
      this.#deviation += (Math.abs(sample - this.#mean) - this.#deviation) / 4;
      this.#mean += (sample - this.#mean) / 8;
    }
  }

  /** ms; `undefined` before the first sample. */
  get mean(): number | undefined {
    return this.#mean;
  }

  /** ms that nearly every sample stays below; `undefined` before the first. */
  get bound(): number | undefined {
    return this.#mean === undefined ? undefined : this.#mean + 4 * this.#deviation;
  }
}
