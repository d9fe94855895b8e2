import { CHOOSY_ROUND_TRIPS } from '../constants.ts';
import type { InitiatorContext } from './context.ts';

/**
 * The choosy initiator (seed 002): a window that is much later than what a chunk usually waits for is not taken at
 * its face value; its bids are cancelled and asked for again, since others may have given up theirs meanwhile.
 * The text says "exceeds", the simulator it describes uses twice the value: the factor is a setting.
 */
export class BidPatience {
  readonly #context: InitiatorContext;
  #limit: number;

  constructor(context: InitiatorContext, group: string) {
    this.#context = context;
    this.#limit = Math.max(context.maxBidWait, CHOOSY_ROUND_TRIPS * (context.roundTrip(group) ?? 0));
  }

  /** Whether to ask again rather than wait `wait` ms; if so, the next wait is allowed to be twice as long. */
  refuses(wait: number): boolean {
    const { choosy, choosyFactor } = this.#context.settings;
    if (!choosy || this.#limit === 0 || wait < choosyFactor * this.#limit) return false;
    this.#limit *= 2;
    return true;
  }

  /** Takes a window: what is usual becomes the mean of what it was (after the doublings) and this wait. */
  accepts(wait: number, group: string): void {
    const floor = CHOOSY_ROUND_TRIPS * (this.#context.roundTrip(group) ?? 0);
    this.#context.maxBidWait = Math.max(floor, (this.#limit + wait) / 2);
  }
}
