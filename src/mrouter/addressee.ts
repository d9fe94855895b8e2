import {
  ADDRESS_MAP_BITS,
  INNER_DESTINATION_OFFSET,
  isMulticast,
  type MemberSet,
  multicastGroupId,
  sameIpv6,
} from '../overlay/index.ts';

/** Where the 64-bit map stands in an inner packet with a multicast destination. */
const MAP_OFFSET = INNER_DESTINATION_OFFSET + 8;

/**
 * Whether an inner packet says itself that it is for this host. The bit string said so too, but a damaged or wrong one must not get a
 * datagram delivered to somebody else.
 * @param overlay this host's overlay address
 * @param bit this host's bit in `set`
 */
export function isAddressee(inner: Uint8Array, overlay: Uint8Array, set: MemberSet, bit: number): boolean {
  if (!isMulticast(inner, INNER_DESTINATION_OFFSET)) return sameIpv6(inner, INNER_DESTINATION_OFFSET, overlay);
  const { group, setIdentifier } = set;
  const first = setIdentifier * group.bitStringLength;
  const block = (multicastGroupId(inner, INNER_DESTINATION_OFFSET) - group.id) * ADDRESS_MAP_BITS;
  // The empty map, under the first id of a set of several: see multicast.ts.
  if (isEmptyMap(inner)) return block === first && set.members.length > ADDRESS_MAP_BITS;
  const position = first + bit - block;
  if (position < 0 || position >= ADDRESS_MAP_BITS) return false;
  return (inner[MAP_OFFSET + 7 - (position >>> 3)]! & (1 << (position & 7))) !== 0;
}

function isEmptyMap(inner: Uint8Array): boolean {
  for (let i = MAP_OFFSET; i < MAP_OFFSET + 8; i++) if (inner[i] !== 0) return false;
  return true;
}
