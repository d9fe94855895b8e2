/** Lateness below this share of the planned time is noise. */
const TOLERANCE = 0.1;

/** One that is still slower is not planned for. */
const MAX_SLOWNESS = 16;

/**
 * How much longer than planned this host's transfers take: on a machine that cannot send as fast as its link, windows
 * that were too short would push every later transfer out of its own.
 */
export class Slowness {
  readonly #smoothed = new SmoothedTime();

  /** @param planned ms; @param taken ms */
  add(planned: number, taken: number): void {
    if (planned > 0) this.#smoothed.add(Math.max(1, taken / planned - TOLERANCE));
  }

  /** By what the link's rate is divided to get the rate that is really reached; from 1. */
  get factor(): number {
    return Math.min(MAX_SLOWNESS, this.#smoothed.mean ?? 1);
  }
}

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
