import type { Group } from './cluster-map.ts';
import { NATIVE_GROUP_BITS, NATIVE_GROUP_PREFIX } from './constants.ts';

/** The IPv4 multicast group that stands for a negotiating group in native zones, as a number: 239.192.0.0 and the low bits of the id. */
export function nativeGroupAddress({ id }: Pick<Group, 'id'>): number {
  return NATIVE_GROUP_PREFIX + (id % 2 ** NATIVE_GROUP_BITS);
}
