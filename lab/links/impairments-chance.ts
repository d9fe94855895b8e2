/**
 * Chance that can be repeated: what happens to a frame is decided by the seed, the link direction, the datagram and how often that has come,
 * and by nothing else. So the same datagrams meet the same fate in every run, whatever else crosses the link between them. Pure.
 */

/** The questions that chance answers about one frame, each independent of the others. */
export const Question = { Loss: 1, Duplicate: 2, Corrupt: 3, Reorder: 4, Jitter: 5, Place: 6 } as const;
export type Question = (typeof Question)[keyof typeof Question];

/** From 0 up to, but not including, 1. */
export type Chance = (question: Question) => number;

/** Keys of a direction whose repetitions are counted, at least; older ones are as if they had never come. */
const REMEMBERED = 1 << 15;

/** Scrambles 32 bits: every bit of the result depends on every bit given. The finalizer of MurmurHash3. */
export function scramble(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number for a text, the same in every run. */
export function numberOf(text: string, start = 0): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = scramble(hash + Math.imul(text.charCodeAt(i), 0x9e3779b1));
  return hash;
}

/** The chances of one link direction. */
export class Fate {
  readonly #seed: number;
  /** How often each key has come; when it is full it becomes the older one, and that is forgotten. */
  #met = new Map<string, number>();
  #metBefore = new Map<string, number>();
  #others = 0;
  #key = 0;
  readonly #chance: Chance = (question) => scramble(this.#key + Math.imul(question, 0x9e3779b1)) / 0x1_0000_0000;

  /** @param direction `a>b` */
  constructor(seed: number, direction: string) {
    this.#seed = numberOf(direction, scramble(seed));
  }

  /**
   * The chances of the next frame; they hold until the one after is asked for.
   * @param key of the datagram in it; frames with the same key, and those without any, are told apart by their order alone.
   */
  of(key: string | undefined): Chance {
    const times = key === undefined ? this.#others++ : this.#count(key);
    this.#key = scramble(numberOf(key ?? '', this.#seed) + Math.imul(times, 0x85ebca77));
    return this.#chance;
  }

  #count(key: string): number {
    const times = this.#met.get(key) ?? this.#metBefore.get(key) ?? 0;
    if (this.#met.size === REMEMBERED) {
      this.#metBefore = this.#met;
      this.#met = new Map();
    }
    this.#met.set(key, times + 1);
    return times;
  }
}
