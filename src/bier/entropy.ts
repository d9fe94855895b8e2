import { ATTEMPT_BITS } from './constants.ts';

const ATTEMPT_MASK = (1 << ATTEMPT_BITS) - 1;

/** Mixes 32 bits so that every input bit reaches every output bit (the finalizer of MurmurHash3, public domain). */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The 20-bit entropy of all datagrams of one transfer: 16 bits of a hash of the flow, then the attempt modulo 16.
 * Relays are ranked by the first part and picked by the second (see `pickRelay`), so that a retry is sure to take another relay
 * where there is one, not only likely to.
 */
export function makeEntropy(flow: number, attempt: number): number {
  return ((mix32(flow) >>> 16) << ATTEMPT_BITS) | (attempt & ATTEMPT_MASK);
}

/** The part of the entropy that all attempts of a transfer share. */
export function flowHash(entropy: number): number {
  return entropy >>> ATTEMPT_BITS;
}

/** The attempt, modulo 16. */
export function attemptOf(entropy: number): number {
  return entropy & ATTEMPT_MASK;
}
