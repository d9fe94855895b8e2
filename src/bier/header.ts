import type { DropReason } from '../overlay/index.ts';
import {
  BIER_NIBBLE,
  BIER_VERSION,
  FIXED_HEADER_BYTES,
  LONGEST_LENGTH_CODE,
  PROTO_IPV6,
  SHORTEST_LENGTH_CODE,
  TTL_OFFSET,
} from './constants.ts';

/**
 * The BIER header for non-MPLS networks, RFC 8296 §2.1 and §2.2:
 *
 *     | BIFT-id (20)           | TC (3) |S| TTL (8)        |
 *     | Nibble (4) | Ver (4) | BSL (4) | Entropy (20)      |
 *     | OAM (2) |Rsv (2)| DSCP (6) | Proto (6)| BFIR-id (16)|
 *     | bit string, 64 … 4096 bits                         |
 *
 * Made once and filled again for every datagram, so that reading a header allocates nothing. The bit string stays where it is.
 */
export class BierHeader {
  biftId = 0;
  trafficClass = 0;
  ttl = 0;
  /** bits */
  bitStringLength = 64;
  entropy = 0;
  oam = 0;
  dscp = 0;
  proto = PROTO_IPV6;
  /** The sender's position in its group + 1; 0 when it is no member. */
  bfirId = 0;

  /** Bytes of the whole header; the payload starts there. */
  get length(): number {
    return headerLength(this.bitStringLength);
  }
}

/** Bytes of a header whose bit string has so many bits. */
export function headerLength(bitStringLength: number): number {
  return FIXED_HEADER_BYTES + bitStringLength / 8;
}

/**
 * Reads the header at the start of a datagram into `header`. Never throws.
 * @returns why there is no readable header, or `undefined` when there is one and it is complete.
 */
export function decodeHeader(bytes: Uint8Array, header: BierHeader): DropReason | undefined {
  if (bytes.length < FIXED_HEADER_BYTES) return 'truncated';
  if (bytes[4]! >>> 4 !== BIER_NIBBLE) return 'wrong-nibble';
  if ((bytes[4]! & 0xf) !== BIER_VERSION) return 'wrong-version';
  const code = bytes[5]! >>> 4;
  if (code < SHORTEST_LENGTH_CODE || code > LONGEST_LENGTH_CODE) return 'bad-bit-string-length';
  header.bitStringLength = 32 << code;
  if (bytes.length < header.length) return 'truncated';
  header.biftId = (bytes[0]! << 12) | (bytes[1]! << 4) | (bytes[2]! >>> 4);
  header.trafficClass = (bytes[2]! >>> 1) & 0x7;
  header.ttl = bytes[3]!;
  header.entropy = ((bytes[5]! & 0xf) << 16) | (bytes[6]! << 8) | bytes[7]!;
  header.oam = bytes[8]! >>> 6;
  header.dscp = dscpOf(bytes);
  header.proto = bytes[9]! & 0x3f;
  header.bfirId = (bytes[10]! << 8) | bytes[11]!;
  return undefined;
}

/**
 * Writes a header to the start of `into` and returns its length in bytes. The S bit is 1, as in every non-MPLS BIER header; OAM and
 * reserved bits are 0.
 * @param bits the bit string, `header.bitStringLength` bits
 */
export function encodeHeader(into: Uint8Array, header: BierHeader, bits: Uint8Array): number {
  const code = 31 - Math.clz32(header.bitStringLength) - 5;
  into[0] = header.biftId >>> 12;
  into[1] = header.biftId >>> 4;
  into[2] = (header.biftId << 4) | (header.trafficClass << 1) | 1;
  into[3] = header.ttl;
  into[4] = (BIER_NIBBLE << 4) | BIER_VERSION;
  into[5] = (code << 4) | (header.entropy >>> 16);
  into[6] = header.entropy >>> 8;
  into[7] = header.entropy;
  into[8] = (header.oam << 6) | (header.dscp >>> 2);
  into[9] = (header.dscp << 6) | header.proto;
  into[10] = header.bfirId >>> 8;
  into[11] = header.bfirId;
  into.set(bits, FIXED_HEADER_BYTES);
  return header.length;
}

/** The DSCP of a header that is known to be one. */
export function dscpOf(header: Uint8Array): number {
  return ((header[8]! & 0xf) << 2) | (header[9]! >>> 6);
}

/** Turns the header at the start of a datagram into that of a copy: another TTL and bit string, nothing else. */
export function patchHeader(datagram: Uint8Array, ttl: number, bits: Uint8Array): void {
  datagram[TTL_OFFSET] = ttl;
  datagram.set(bits, FIXED_HEADER_BYTES);
}
