import type { BodyReader, BodyWriter } from './body.ts';
import { MAX_MS, MAX_QUEUE, MAX_RATE } from './limits.ts';

/** A window of a target's link: from when, how long (ms), how fast (bit/s on the wire), and behind how many others. */
export interface Offer {
  start: number;
  length: number;
  rate: number;
  queue: number;
}

export function writeOffer({ start, length, rate, queue }: Offer, body: BodyWriter): void {
  body.number(start);
  body.number(length);
  body.number(rate);
  body.integer(queue);
}

export function readOffer(body: BodyReader): Offer {
  return {
    start: body.number('start', 0, MAX_MS),
    length: body.number('length', 0, MAX_MS),
    rate: body.number('rate', 1, MAX_RATE),
    queue: body.integer('queue', 0, MAX_QUEUE),
  };
}
