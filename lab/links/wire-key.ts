import type { Dissected } from '../observe/dissect.ts';

/**
 * What a datagram is in every run of the same scenario. Its identity is another each time, because transactions have random numbers; from whom
 * it comes, to whom it goes and what it carries is not. Several have the same key: chance tells them apart by their order. Pure.
 */
export function keyOf({ source, destination, bytes, replicast }: Dissected): string {
  if (replicast === undefined) return `${source} ${destination} ${bytes}`;
  const { kind, attempt, index } = replicast;
  return `${source} ${destination} ${kind}.${attempt}.${index}`;
}
