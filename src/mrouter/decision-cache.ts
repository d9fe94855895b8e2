import type { DropReason } from '../overlay/index.ts';
import { DECISION_LIMIT } from './constants.ts';
import type { Dispatches } from './dispatch.ts';

/** What to do with every datagram of one (label, bits, entropy, ingress). */
export interface CachedDecision extends Dispatches {
  /** Why such datagrams are dropped; absent when they are forwarded. */
  readonly problem: DropReason | undefined;
  /** Whether to deliver here. */
  readonly own: boolean;
  /** Zones that would have got a copy back, and do not. */
  readonly loops: number;
}

interface Entry extends CachedDecision {
  readonly label: number;
  readonly entropy: number;
  readonly ingress: number;
  readonly bits: Uint8Array;
}

/** Forwarding decisions by what they depend on. A hit allocates nothing: the bits are compared where they are in the datagram. */
export class DecisionCache {
  /** By hash; what has the same hash replaces one another. The oldest first. */
  readonly #entries = new Map<number, Entry>();

  /**
   * @param bytes has the bit string at `start`, `length` bytes
   * @param ingress index of the zone that it came from; −1 when there is none
   */
  find(bytes: Uint8Array, start: number, length: number, label: number, entropy: number, ingress: number) {
    const entry = this.#entries.get(hashDecision(bytes, start, length, label, entropy, ingress));
    if (!entry || entry.label !== label || entry.entropy !== entropy || entry.ingress !== ingress) return undefined;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== entry.bits[i]) return undefined;
    return entry as CachedDecision;
  }

  /** @param bits kept: must not change */
  store(bits: Uint8Array, label: number, entropy: number, ingress: number, found: CachedDecision): void {
    if (this.#entries.size >= DECISION_LIMIT) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(hashDecision(bits, 0, bits.length, label, entropy, ingress), {
      ...found,
      label,
      entropy,
      ingress,
      bits,
    });
  }

  clear(): void {
    this.#entries.clear();
  }

  get size(): number {
    return this.#entries.size;
  }
}

/** FNV-1a over the bits, mixed with the rest; a 32-bit integer. */
export function hashDecision(
  bytes: Uint8Array,
  start: number,
  length: number,
  label: number,
  entropy: number,
  ingress: number,
): number {
  let h = Math.imul(label, 0x85ebca6b) ^ Math.imul(entropy, 0x9e3779b1) ^ Math.imul(ingress, 0xc2b2ae35);
  for (let i = start; i < start + length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return h;
}
