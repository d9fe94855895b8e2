import { addWords, foldChecksum } from './checksum.ts';
import {
  ANNOUNCE_BYTES,
  INNER_HOP_LIMIT,
  IPV6_HEADER_BYTES,
  OPTION_ANNOUNCE,
  OPTION_ANNOUNCE_BYTES,
  PROTOCOL_DESTINATION_OPTIONS,
  PROTOCOL_UDP,
  UDP_HEADER_BYTES,
} from './constants.ts';
import type { DropReason } from './drops.ts';

/**
 * The inner packet: `IPv6 | [destination options: announce] | UDP | payload`. It is made once, by its originator, and no MRouter
 * changes a byte of it. An announce says where on the underlay the one of its two ends is that no map lists: the source of a request,
 * the destination of a reply that owners of connections pass on.
 */
export interface InnerHeader {
  /** 16 bytes */
  source: Uint8Array;
  /** 16 bytes */
  destination: Uint8Array;
  sourcePort: number;
  destinationPort: number;
  /** 0 … 63 */
  dscp: number;
  /** 20 bits; RFC 6437: the same for all packets of one flow. */
  flowLabel: number;
  /** How to reach the sender, or in a reply the addressee, on the underlay, when no cluster map says so. */
  announce?: { address: number; port: number } | undefined;
}

/** What a decoded inner packet says; made once and filled again for every packet. Offsets are from the start of the packet. */
export class InnerView {
  dscp = 0;
  flowLabel = 0;
  /** Protocol after the destination options; the ports below hold only for UDP. */
  protocol = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** Where the transport header starts. */
  transportStart = 0;
  /** Of UDP; for other protocols the whole transport packet. */
  payloadStart = 0;
  payloadEnd = 0;
  announced = false;
  /** Underlay IPv4 address as a number. */
  announcedAddress = 0;
  announcedPort = 0;
}

/** Of the UDP header, where its checksum stands, its last field. */
const UDP_CHECKSUM_OFFSET = 6;

/** Where the addresses stand in the packet. */
export const INNER_SOURCE_OFFSET = 8;
export const INNER_DESTINATION_OFFSET = 24;

/** Bytes of the headers before the payload. */
export function innerOverhead(announced: boolean): number {
  return IPV6_HEADER_BYTES + (announced ? ANNOUNCE_BYTES : 0) + UDP_HEADER_BYTES;
}

/** One's complement sum of the IPv6 pseudo header, RFC 8200 §8.1. @param at where the packet starts */
export function pseudoHeaderSum(bytes: Uint8Array, transportLength: number, protocol = PROTOCOL_UDP, at = 0): number {
  const addresses = addWords(0, bytes, at + INNER_SOURCE_OFFSET, at + IPV6_HEADER_BYTES);
  return addresses + (transportLength >>> 16) + (transportLength & 0xffff) + protocol;
}

/**
 * Writes a packet to the start of `into` and returns its length in bytes.
 * @throws RangeError when it does not fit there, or into an IPv6 packet.
 */
export function encodeInner(into: Uint8Array, header: InnerHeader, payload: Uint8Array): number {
  const start = innerOverhead(header.announce !== undefined);
  const end = start + payload.length;
  if (end > into.length) throw new RangeError(`a packet of ${end} bytes does not fit a buffer of ${into.length}`);
  const sum = encodeInnerHeaders(into, 0, header, payload.length);
  into.set(payload, start);
  writeInnerChecksum(into, sum, start, end);
  return end;
}

/**
 * Writes the headers of a packet at `at`, whose payload has so many bytes, all but the checksum.
 * @returns the one's complement sum of what the checksum covers beside the payload
 * @throws RangeError when the payload does not fit into an IPv6 packet
 */
export function encodeInnerHeaders(into: Uint8Array, at: number, header: InnerHeader, payloadBytes: number): number {
  const { announce } = header;
  const udp = at + innerOverhead(announce !== undefined) - UDP_HEADER_BYTES;
  const udpLength = UDP_HEADER_BYTES + payloadBytes;
  const length = udp + udpLength - at - IPV6_HEADER_BYTES;
  if (length > 0xffff) throw new RangeError(`a payload of ${payloadBytes} bytes fits no IPv6 packet`);

  into[at] = 0x60 | (header.dscp >>> 2);
  into[at + 1] = ((header.dscp & 0x3) << 6) | ((header.flowLabel >>> 16) & 0xf);
  put16(into, at + 2, header.flowLabel & 0xffff);
  put16(into, at + 4, length);
  into[at + 6] = announce ? PROTOCOL_DESTINATION_OPTIONS : PROTOCOL_UDP;
  into[at + 7] = INNER_HOP_LIMIT;
  into.set(header.source, at + INNER_SOURCE_OFFSET);
  into.set(header.destination, at + INNER_DESTINATION_OFFSET);
  if (announce) putAnnounce(into, at + IPV6_HEADER_BYTES, PROTOCOL_UDP, announce);

  put16(into, udp, header.sourcePort);
  put16(into, udp + 2, header.destinationPort);
  put16(into, udp + 4, udpLength);
  return addWords(pseudoHeaderSum(into, udpLength, PROTOCOL_UDP, at), into, udp, udp + UDP_CHECKSUM_OFFSET);
}

/**
 * Writes the checksum of a packet whose headers and payload are in place, the payload in `into[start … end)`.
 * @param sum as `encodeInnerHeaders` returned it
 */
export function writeInnerChecksum(into: Uint8Array, sum: number, start: number, end: number): void {
  const checksum = foldChecksum(addWords(sum, into, start, end));
  // 0 means "none", which IPv6 does not allow: RFC 8200 §8.1.
  put16(into, start - UDP_HEADER_BYTES + UDP_CHECKSUM_OFFSET, checksum === 0 ? 0xffff : checksum);
}

function put16(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 8;
  into[at + 1] = value & 0xff;
}

function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** @param next protocol of the header after it */
function putAnnounce(into: Uint8Array, at: number, next: number, announce: { address: number; port: number }): void {
  into[at] = next;
  into[at + 1] = ANNOUNCE_BYTES / 8 - 1;
  into[at + 2] = OPTION_ANNOUNCE;
  into[at + 3] = OPTION_ANNOUNCE_BYTES;
  put16(into, at + 4, announce.address >>> 16);
  put16(into, at + 6, announce.address & 0xffff);
  put16(into, at + 8, announce.port);
  // PadN up to a multiple of 8.
  into.set([1, 4, 0, 0, 0, 0], at + 10);
}

/**
 * A packet that a program's own IPv6 stack made, with an announce put in right after the IPv6 header. What follows stays as it is, checksums
 * included: the pseudo header does not count extension headers (RFC 8200 §8.1).
 * @param packet its first extension header, if any, is no hop-by-hop header: that one must stay the first
 */
export function withAnnounce(packet: Uint8Array, announce: { address: number; port: number }): Uint8Array {
  const result = Buffer.allocUnsafe(packet.length + ANNOUNCE_BYTES);
  result.set(packet.subarray(0, IPV6_HEADER_BYTES));
  put16(result, 4, packet.length + ANNOUNCE_BYTES - IPV6_HEADER_BYTES);
  result[6] = PROTOCOL_DESTINATION_OPTIONS;
  putAnnounce(result, IPV6_HEADER_BYTES, packet[6]!, announce);
  result.set(packet.subarray(IPV6_HEADER_BYTES), IPV6_HEADER_BYTES + ANNOUNCE_BYTES);
  return result;
}

/**
 * Reads the headers of the packet `bytes[start … end)` into `view`, without looking at the payload. Never throws.
 * @returns why it is no packet of ours, or `undefined` when it is one.
 */
export function decodeInner(bytes: Uint8Array, view: InnerView, start = 0, end = bytes.length): DropReason | undefined {
  if (end - start < IPV6_HEADER_BYTES) return 'inner-truncated';
  if (bytes[start]! >>> 4 !== 6) return 'inner-version';
  let at = start + IPV6_HEADER_BYTES;
  if (at + get16(bytes, start + 4) !== end) return 'inner-length';
  view.dscp = ((bytes[start]! & 0xf) << 2) | (bytes[start + 1]! >>> 6);
  view.flowLabel = ((bytes[start + 1]! & 0xf) << 16) | get16(bytes, start + 2);
  view.announced = false;
  let protocol = bytes[start + 6]!;
  if (protocol === PROTOCOL_DESTINATION_OPTIONS) {
    if (at + 8 > end) return 'inner-truncated';
    const next = at + 8 * (bytes[at + 1]! + 1);
    if (next > end) return 'inner-truncated';
    if (!decodeOptions(bytes, at + 2, next, view)) return 'inner-option';
    protocol = bytes[at]!;
    at = next;
  }
  view.protocol = protocol;
  view.transportStart = at - start;
  view.payloadStart = at - start;
  view.payloadEnd = end - start;
  view.sourcePort = 0;
  view.destinationPort = 0;
  if (protocol !== PROTOCOL_UDP) return undefined;
  if (at + UDP_HEADER_BYTES > end) return 'inner-truncated';
  if (get16(bytes, at + 4) !== end - at) return 'inner-udp-length';
  view.sourcePort = get16(bytes, at);
  view.destinationPort = get16(bytes, at + 2);
  view.payloadStart = at - start + UDP_HEADER_BYTES;
  return undefined;
}

/** Walks the options, RFC 8200 §4.2; `false` when they are malformed or one of them forbids being skipped. */
function decodeOptions(bytes: Uint8Array, start: number, end: number, view: InnerView): boolean {
  let at = start;
  while (at < end) {
    const type = bytes[at]!;
    if (type === 0) {
      at++;
      continue;
    }
    if (at + 2 > end) return false;
    const length = bytes[at + 1]!;
    if (at + 2 + length > end) return false;
    if (type === OPTION_ANNOUNCE) {
      if (length !== OPTION_ANNOUNCE_BYTES || view.announced) return false;
      view.announced = true;
      view.announcedAddress = ((get16(bytes, at + 2) << 16) | get16(bytes, at + 4)) >>> 0;
      view.announcedPort = get16(bytes, at + 6);
    } else if (type >>> 6 !== 0) return false;
    at += 2 + length;
  }
  return true;
}

/** Whether the UDP checksum of a decoded UDP packet is right. Reads the whole payload. @param at where the packet starts */
export function innerChecksumHolds(bytes: Uint8Array, view: InnerView, at = 0): boolean {
  const start = at + view.transportStart;
  const end = at + view.payloadEnd;
  if (get16(bytes, start + UDP_CHECKSUM_OFFSET) === 0) return false;
  return foldChecksum(addWords(pseudoHeaderSum(bytes, end - start, PROTOCOL_UDP, at), bytes, start, end)) === 0;
}

/**
 * Whether the packet at `at` is the decoded one at `first` but for its payload and what depends on that: as long, from there and for there, of the
 * same flow. Then what is known of the one holds for the other.
 */
export function isAlike(bytes: Uint8Array, view: InnerView, first: number, at: number): boolean {
  const checksum = view.protocol === PROTOCOL_UDP ? view.transportStart + UDP_CHECKSUM_OFFSET : view.payloadStart;
  for (let i = 0; i < checksum; i++) if (bytes[at + i] !== bytes[first + i]) return false;
  return true;
}
