import { GROUP_ID_LIMIT } from './constants.ts';

/**
 * Overlay multicast addresses: `ff15:GGGG:GGGG:GGGG:BBBB:BBBB:BBBB:BBBB` (RFC 4291 §2.7: flags T=1, scope 5).
 * G is a 48-bit group id, B a map of 64 members, bit i = member i.
 *
 * A group of more than 64 members owns one id for each 64 of them, in a row: members 64k … 64k+63 are named under id + k.
 * So an address alone says which members it means, whatever the bit string length in use. A map of 0 names nobody; it is the
 * destination of datagrams whose recipients do not fit one map: the BIER header alone says who they are.
 */
export interface MulticastAddress {
  /** 48 bits */
  groupId: number;
  /** Bit i = member i of this group id. */
  map: bigint;
}

/** @throws RangeError when the id has more than 48 bits or the map more than 64. */
export function encodeMulticast({ groupId, map }: MulticastAddress): Uint8Array {
  if (!Number.isInteger(groupId) || groupId < 0 || groupId >= GROUP_ID_LIMIT) {
    throw new RangeError(`group id ${groupId} does not fit 48 bits`);
  }
  if (map < 0n || map >= 1n << 64n) throw new RangeError(`map ${map} does not fit 64 bits`);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xff15);
  view.setUint16(2, Math.floor(groupId / 2 ** 32));
  view.setUint32(4, groupId % 2 ** 32);
  view.setBigUint64(8, map);
  return bytes;
}

/** Whether the 16 bytes at `offset` are an overlay multicast address. */
export function isMulticast(bytes: Uint8Array, offset = 0): boolean {
  return bytes[offset] === 0xff && bytes[offset + 1] === 0x15;
}

/** The group id in the overlay multicast address at `offset`. */
export function multicastGroupId(bytes: Uint8Array, offset = 0): number {
  let id = 0;
  for (let i = 2; i < 8; i++) id = id * 256 + bytes[offset + i]!;
  return id;
}

/** `undefined` when the 16 bytes at `offset` are no overlay multicast address. */
export function decodeMulticast(bytes: Uint8Array, offset = 0): MulticastAddress | undefined {
  if (bytes.length < offset + 16 || !isMulticast(bytes, offset)) return undefined;
  let map = 0n;
  for (let i = 8; i < 16; i++) map = (map << 8n) | BigInt(bytes[offset + i]!);
  return { groupId: multicastGroupId(bytes, offset), map };
}
