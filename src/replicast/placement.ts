import type { Zones } from './fan-out.ts';

/** The part of the cluster map that Replicast works with. Targets are named; their addresses are the overlay's. */
export interface Membership {
  /** Ordered members of a group; `undefined` when there is no such group. Position = bit of the rendezvous map. */
  members(group: string): readonly string[] | undefined;
  /** Group of each partition. Never empty. */
  readonly partitions: readonly string[];
  /** Name of the target with that overlay address (canonical IPv6 text). */
  targetAt(address: string): string | undefined;
  /** Where targets are; without it a datagram to several of them counts as one. */
  readonly zones?: Zones;
}

/** Digits of the hash that choose the partition: 48 bits, exact in a double. */
const PARTITION_DIGITS = 12;

/** Content hash → partition → negotiating group (replicast.md: hash modulo the number of partitions). */
export function groupOf(hash: string, partitions: readonly string[]): string {
  return partitions[Number.parseInt(hash.slice(0, PARTITION_DIGITS), 16) % partitions.length]!;
}

/**
 * The groups in which a chunk may be, likeliest first: where it was said to be, where its hash puts it, then all
 * others, because a put may have named a group of its own choice.
 */
export function groupsToAsk(hash: string, partitions: readonly string[], hint?: string): string[] {
  return [...new Set([...(hint === undefined ? [] : [hint]), groupOf(hash, partitions), ...partitions])];
}
