import { BURST_TIME, MAX_BURST, MAX_CATCH_UP } from './constants.ts';

/**
 * When the datagrams of one transfer may leave: evenly, at a rate, from a start; where they are many, those of `BURST_TIME` ms together. Pure
 * arithmetic. A sender that comes late makes up for `MAX_CATCH_UP` ms of it and shifts the rest of the schedule, so that lateness never becomes
 * a flood.
 */
export class Pace {
  readonly #rate: number;
  #next: number;

  /** @param start ms; @param rate bit/s on the wire */
  constructor(start: number, rate: number) {
    this.#next = start;
    this.#rate = rate;
  }

  /** When the next datagram may leave, ms. */
  get next(): number {
    return this.#next;
  }

  /**
   * How many of the next datagrams may leave at `now`, `MAX_BURST` at most.
   * @param sizes their bytes on the wire, in order
   */
  due(now: number, sizes: Iterable<number>): number {
    if (this.#next > now) return 0;
    this.#next = Math.max(this.#next, now - MAX_CATCH_UP);
    let count = 0;
    for (const size of sizes) {
      if (this.#next >= now + BURST_TIME || count === MAX_BURST) break;
      this.#next += (size * 8 * 1000) / this.#rate;
      count++;
    }
    return count;
  }
}
