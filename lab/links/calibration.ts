import type { LinkMeasurement } from '../observe/evidence.ts';
import { DEFAULT_MTU, DEFAULT_QUEUE_TIME, frameBytes, MIN_QUEUE_FRAMES } from '../plan/constants.ts';
import type { Backend } from '../plan/index.ts';
import { tokenBucket } from '../plan/tbf.ts';
import { formatPercentage, formatRate, type LinkProperties } from '../topology/index.ts';

/** How one direction of a link is measured, and what the measurement says. Pure. */

/** The direction as it should be. */
export interface Shaped {
  /** `a>b` */
  name: string;
  properties: LinkProperties;
  backend: Backend;
}

/** The frames that are sent over a direction, numbered from 0: single ones, then a train that fills its queue, then many small ones. */
export interface Frames {
  /** Small frames with time between them, which wait for none before. */
  single: number;
  /** Full frames, as fast as they can be sent. */
  train: number;
  /** Of the train, those that a token bucket lets pass at once. */
  free: number;
  /** Small frames whose losses are counted. */
  counted: number;
}

export const SINGLE = 5;
/** Bytes of a small frame: the least that Ethernet has, its check sequence aside. */
export const SMALL = 60;
const COUNTED = 400;
/** How long a train may keep a link busy, ms: what is aimed at, and what slow links may take. */
const TRAIN_TIME = { aim: 10, most: 300 } as const;
/** Full frames behind the free ones: fewer say nothing about a rate. */
const LEAST_TRAIN = 4;
/** How much of a queue a measurement may fill. */
const SHARE_OF_QUEUE = 0.5;

/** How far a link may be from what it is declared to be. */
export const TOLERANCE = {
  /** ms, and a share of the delay. */
  delay: { fixed: 0.3, share: 0.05 },
  /** Of the time that a train takes: ms, and a share. */
  rate: { fixed: 0.3, share: 0.1 },
  /** Standard deviations, and frames. */
  loss: { deviations: 3.9, fixed: 1 },
} as const;
/** A train says something about a rate only when it was sent faster than this many times the rate. */
const SATURATED = 1.1;

/** How many frames measure a direction. @param most frames of a train, because many links are measured at the same time. */
export function framesFor({ properties, backend }: Shaped, most: number): Frames {
  const { rate, loss, queue, mtu = DEFAULT_MTU } = properties;
  const counted = loss === undefined ? 0 : COUNTED;
  if (rate === undefined) return { single: SINGLE, train: 0, free: 0, counted };
  const full = frameBytes(mtu);
  const bytesIn = (ms: number) => (rate / 8) * (ms / 1000);
  const room = SHARE_OF_QUEUE * (queue ?? Math.max(MIN_QUEUE_FRAMES * full, bytesIn(DEFAULT_QUEUE_TIME)));
  const burst = backend === 'wire' ? 0 : tokenBucket(properties)!.burst;
  const free = Math.ceil(burst / full);
  const timed = Math.floor(
    Math.min(
      Math.max(LEAST_TRAIN, Math.min(most, bytesIn(TRAIN_TIME.aim) / full)),
      room / full,
      bytesIn(TRAIN_TIME.most) / full,
    ),
  );
  const left = Math.floor(Math.min((SHARE_OF_QUEUE * room) / SMALL, bytesIn(TRAIN_TIME.most) / SMALL));
  return {
    single: SINGLE,
    ...(timed < LEAST_TRAIN ? { train: 0, free: 0 } : { train: free + timed, free }),
    counted: Math.min(counted, left),
  };
}

/**
 * What was found out about a direction.
 * @param sent when each frame was sent, ms
 * @param arrived when it arrived, by number; those that did not are absent
 */
export function evaluate(
  { name, properties, backend }: Shaped,
  frames: Frames,
  sent: readonly number[],
  arrived: ReadonlyMap<number, number>,
): LinkMeasurement {
  const { delay = 0, jitter = 0, rate, loss, reorder, corrupt } = properties;
  const faults: string[] = [];
  const measured: LinkMeasurement = { direction: name };

  const times = numbers(0, frames.single)
    .flatMap((n) => (arrived.has(n) ? arrived.get(n)! - sent[n]! : []))
    .sort((a, b) => a - b);
  if (times.length > 0) {
    // What the machine adds to a time it adds to some only; jitter, and frames that overtake others, go both ways.
    measured.delay = jitter > 0 || reorder !== undefined ? times[times.length >> 1]! : times[0]!;
    const serialisation = rate === undefined ? 0 : (SMALL * 8000) / rate;
    const off = Math.max(delay - jitter - measured.delay, measured.delay - delay - jitter - serialisation);
    if (off > TOLERANCE.delay.fixed + TOLERANCE.delay.share * delay) {
      faults.push(`delay ${measured.delay.toFixed(2)} ms, not ${delay} ms`);
    }
  }

  const train = numbers(frames.single + frames.free, frames.single + frames.train).filter((n) => arrived.has(n));
  const [first, last] = [train[0], train.at(-1)];
  if (rate !== undefined && first !== undefined && last !== undefined && train.length >= LEAST_TRAIN) {
    const bits = frameBytes(properties.mtu ?? DEFAULT_MTU) * 8;
    // What a wire loses it has sent before; netem loses it before it is sent.
    const total = bits * (backend === 'wire' ? last - first : train.length - 1);
    const offered = (total / Math.max(1e-6, sent[last]! - sent[first]!)) * 1000;
    if (offered > SATURATED * rate) {
      const expected = (total / rate) * 1000;
      // A machine that is late makes frames come together, which looks fast. None comes sooner than it can, so the time since the first one was
      // sent tells the two apart.
      const apart = Math.max(1e-6, arrived.get(last)! - arrived.get(first)!);
      const sinceSent = arrived.get(last)! - sent[first]! - (measured.delay ?? delay);
      const took = Math.max(apart, Math.min(expected, sinceSent));
      measured.rate = (total / took) * 1000;
      if (Math.abs(took - expected) > TOLERANCE.rate.fixed + TOLERANCE.rate.share * expected + 2 * jitter) {
        faults.push(`rate ${formatRate(Number(measured.rate.toPrecision(3)))}, not ${formatRate(rate)}`);
      }
    }
  }

  const lost = sent.length - arrived.size;
  if (corrupt === undefined) {
    const expected = (loss ?? 0) * sent.length;
    const { deviations, fixed } = TOLERANCE.loss;
    const most = loss === undefined ? 0 : fixed + deviations * Math.sqrt(expected * (1 - loss));
    if (loss !== undefined) measured.loss = lost / sent.length;
    if (Math.abs(lost - expected) > most) {
      faults.push(`${lost} of ${sent.length} frames lost, not ${loss === undefined ? 'none' : formatPercentage(loss)}`);
    }
  }
  return faults.length === 0 ? measured : { ...measured, off: faults.join(', ') };
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
