import { createHash } from 'node:crypto';

/**
 * The 20-bit label that names (group, set identifier, bit string length) **and the group's membership**, so that hosts whose
 * maps differ do not understand each other's labels: the first 20 bits of SHA-256 over group id (6 bytes), set identifier (2),
 * bit string length in bits (2), then the overlay address (16) of every member of the group in order. Numbers in network order.
 * Source: overlay.md, Encapsulation; RFC 8279 §6.4 leaves the assignment of BIFT-ids to the domain.
 */
export function biftId(
  groupId: number,
  members: readonly Uint8Array[],
  setIdentifier: number,
  bitStringLength: number,
): number {
  const head = Buffer.alloc(10);
  head.writeUIntBE(groupId, 0, 6);
  head.writeUInt16BE(setIdentifier, 6);
  head.writeUInt16BE(bitStringLength, 8);
  const hash = createHash('sha256').update(head);
  for (const member of members) hash.update(member);
  return hash.digest().readUInt32BE(0) >>> 12;
}
