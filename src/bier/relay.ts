import type { Bift } from './bift.ts';
import { attemptOf, flowHash, mix32 } from './entropy.ts';

/**
 * The relay among the addressed targets of a zone: rendezvous hashing ranks the candidates by the flow, the attempt says which rank
 * is taken. Load spreads over flows, and the next attempt at the same candidates takes the next one. Targets that are not live are
 * candidates only when none is live.
 * @param candidates bits of the set, at least one
 */
export function pickRelay(
  bift: Bift,
  candidates: readonly number[],
  entropy: number,
  isLive: (bit: number) => boolean,
): number {
  const live = candidates.filter(isLive);
  const usable = live.length > 0 ? live : candidates;
  if (usable.length === 1) return usable[0]!;
  const flow = Math.imul(flowHash(entropy) + 1, 0x9e3779b1);
  const ranked = usable
    .map((bit) => ({ bit, weight: mix32(bift.hashes[bit]! ^ flow) }))
    .sort((a, b) => b.weight - a.weight || a.bit - b.bit);
  return ranked[attemptOf(entropy) % ranked.length]!.bit;
}
