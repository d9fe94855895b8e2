import { DEFAULT_MTU, DEFAULT_QUEUE_TIME, frameBytes, MIN_QUEUE_FRAMES } from '../plan/constants.ts';
import type { PlannedRule } from '../plan/index.ts';
import type { LinkProperties } from '../topology/index.ts';
import { type Chance, Question } from './impairments-chance.ts';

/**
 * One direction of a link, as a cable with a sender in front of it: frames wait in a queue of so many bytes, leave one after another at the
 * rate, and then travel; on the way they are lost, delayed, doubled, damaged or overtaken. Pure: frames and times in, deliveries out.
 */

/** A change of properties: what it does not name stays as it is, `null` takes a property back. */
export type Change = { readonly [K in keyof LinkProperties]?: LinkProperties[K] | null | undefined };

/** One bit of a frame that arrives wrong. */
export interface Damage {
  /** Where in the frame, as a share of what can be damaged: 0 up to 1. */
  place: number;
  /** 0 … 7 */
  bit: number;
}

export interface Delivery {
  /** ms */
  at: number;
  damage?: Damage;
}

/** What became of the frames that came to a direction. */
export interface Counters {
  frames: number;
  bytes: number;
  /** By chance. */
  lost: number;
  /** The queue was full. */
  overflowed: number;
  duplicated: number;
  corrupted: number;
  /** Frames that a rule acted on. */
  ruled: number;
  /** The far end did not take them: it is down. */
  refused: number;
}

const NOTHING: readonly Delivery[] = [];
/** Bits of a byte × ms of a second: bytes × this / (bit/s) = ms. */
const BIT_MS = 8_000;

export class Impairments {
  #properties: LinkProperties;
  #usesChance: boolean;
  /** When the sender has sent everything that waits for it. */
  #freeAt = 0;
  /** When the last frame arrives that none may overtake. */
  #lastAt = 0;
  readonly counters: Counters = {
    frames: 0,
    bytes: 0,
    lost: 0,
    overflowed: 0,
    duplicated: 0,
    corrupted: 0,
    ruled: 0,
    refused: 0,
  };

  constructor(properties: LinkProperties) {
    this.#properties = { ...properties };
    this.#usesChance = isChancy(properties);
  }

  get properties(): Readonly<LinkProperties> {
    return this.#properties;
  }

  /** Whether chance has a say now: only then must a frame be told from others. */
  get usesChance(): boolean {
    return this.#usesChance;
  }

  /** Counts from now on. */
  forget(): void {
    for (const name of Object.keys(this.counters) as (keyof Counters)[]) this.counters[name] = 0;
  }

  /** Changes what the link does from `now` on. What waits leaves at the new rate; what is under way arrives as it was to. */
  change(change: Change, now: number): void {
    const before = this.#properties.rate;
    const next: Record<string, unknown> = { ...this.#properties };
    for (const [name, value] of Object.entries(change)) {
      if (value === null) delete next[name];
      else if (value !== undefined) next[name] = value;
    }
    this.#properties = next as LinkProperties;
    this.#usesChance = isChancy(this.#properties);
    const after = this.#properties.rate;
    const waiting = Math.max(0, this.#freeAt - now);
    if (before !== undefined) this.#freeAt = after === undefined ? now : now + (waiting * before) / after;
  }

  /**
   * What becomes of a frame that comes at `now`, in bytes with its Ethernet header: one delivery, none, or two.
   * @param rule acts in place of chance.
   */
  accept(now: number, bytes: number, chance: Chance, rule?: PlannedRule): readonly Delivery[] {
    const { counters } = this;
    counters.frames++;
    counters.bytes += bytes;
    const sent = this.#send(now, bytes);
    if (sent === undefined) {
      counters.overflowed++;
      return NOTHING;
    }
    if (rule !== undefined) {
      counters.ruled++;
      return this.#byRule(sent, chance, rule);
    }
    const { loss, duplicate, corrupt } = this.#properties;
    if (happens(loss, Question.Loss, chance)) {
      counters.lost++;
      return NOTHING;
    }
    const delivery: Delivery = { at: this.#arrival(sent, chance) };
    if (happens(corrupt, Question.Corrupt, chance)) {
      counters.corrupted++;
      delivery.damage = damage(chance);
    }
    if (!happens(duplicate, Question.Duplicate, chance)) return [delivery];
    counters.duplicated++;
    return [delivery, { at: delivery.at }];
  }

  /** When the frame has left the sender; `undefined` when the queue has no room for it. */
  #send(now: number, bytes: number): number | undefined {
    const { rate, queue, mtu = DEFAULT_MTU } = this.#properties;
    if (rate === undefined) return now;
    const waiting = (Math.max(0, this.#freeAt - now) * rate) / BIT_MS;
    const limit = queue ?? Math.max(MIN_QUEUE_FRAMES * frameBytes(mtu), (DEFAULT_QUEUE_TIME * rate) / BIT_MS);
    if (waiting + bytes > limit) return undefined;
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes * BIT_MS) / rate;
    return this.#freeAt;
  }

  /** When a frame that was sent at `sent` arrives. */
  #arrival(sent: number, chance: Chance): number {
    const { delay = 0, jitter = 0, jitterReorder = false, reorder } = this.#properties;
    // As with netem, a frame that overtakes others is one that is not delayed at all.
    if (happens(reorder, Question.Reorder, chance)) return sent;
    const deviation = jitter === 0 ? 0 : jitter * (2 * chance(Question.Jitter) - 1);
    const at = sent + Math.max(0, delay + deviation);
    if (jitterReorder) return at;
    this.#lastAt = Math.max(this.#lastAt, at);
    return this.#lastAt;
  }

  #byRule(sent: number, chance: Chance, { action, by = 0 }: PlannedRule): readonly Delivery[] {
    if (action === 'drop') return NOTHING;
    const at = this.#arrival(sent, chance);
    switch (action) {
      case 'duplicate':
        return [{ at }, { at }];
      case 'delay':
        // Only this one: what comes after it does not wait for it.
        return [{ at: at + by }];
      case 'corrupt':
        return [{ at, damage: damage(chance) }];
    }
  }
}

function isChancy({ loss = 0, duplicate = 0, corrupt = 0, reorder = 0, jitter = 0 }: LinkProperties): boolean {
  return loss > 0 || duplicate > 0 || corrupt > 0 || reorder > 0 || jitter > 0;
}

function happens(probability: number | undefined, question: Question, chance: Chance): boolean {
  return probability !== undefined && probability > 0 && chance(question) < probability;
}

function damage(chance: Chance): Damage {
  const place = chance(Question.Place);
  return { place, bit: Math.floor(place * 0x1_0000_0000) & 7 };
}
