import type { Clock } from '../pmu/index.ts';

/** One wake-up call at a time. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** @param at ms; Infinity: never */
  set(at: number): void {
    if (at === this.#at) return;
    this.cancel();
    if (at === Number.POSITIVE_INFINITY) return;
    this.#at = at;
    this.#cancel = this.#clock.wake(at, () => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#ring();
    });
  }

  cancel(): void {
    this.#at = Number.POSITIVE_INFINITY;
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
