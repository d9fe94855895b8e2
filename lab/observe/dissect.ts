import { BierHeader, decodeHeader, FIXED_HEADER_BYTES, PROTO_IPV6 } from '../../src/bier/index.ts';
import {
  DEFAULT_PORT,
  type DropReason,
  datagramId,
  decodeInner,
  formatIpv6,
  INNER_DESTINATION_OFFSET,
  INNER_SOURCE_OFFSET,
  InnerView,
  PROTOCOL_UDP,
  REPLICAST_PORT,
} from '../../src/overlay/index.ts';
import { decodePrefix, txnHex } from '../../src/replicast/index.ts';
import { DatagramMemory } from './capture-memory.ts';
import type { Sighting } from './sighting.ts';

/** What a frame itself says; where and when it was seen, the capture adds. */
export type Dissected = Omit<Sighting, 'end' | 'way' | 'time'>;

/** Why a frame carries no overlay datagram: by layer, then the overlay's own names. */
export type NotOverlay = 'not-ipv4' | 'fragment' | 'not-udp' | 'other-port' | DropReason;

/** Ethernet (IEEE 802.3), IPv4 (RFC 791) and UDP (RFC 768): sizes and places, in bytes. */
const ETHERNET = { type: 12, header: 14 } as const;
const ETHERTYPE_IPV4 = 0x0800;
const IPV4 = { length: 2, fragment: 6, protocol: 9, header: 20 } as const;
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;
const UDP = { destination: 2, length: 4, header: 8 } as const;
/** Overlay addresses whose text is remembered: all of a lab, and the bitmaps of many rendezvous groups. */
const REMEMBERED = 4096;

/** Reads overlay datagrams out of Ethernet frames. Pure; remembers the datagrams and the addresses that it met last. */
export class Dissector {
  readonly #port: number;
  readonly #memory = new DatagramMemory<Dissected>();
  readonly #header = new BierHeader();
  readonly #inner = new InnerView();
  readonly #texts = new Map<string, string>();

  /** @param port UDP port of the MRouters */
  constructor(port: number = DEFAULT_PORT) {
    this.#port = port;
  }

  /**
   * Never throws.
   * @returns what the datagram in this frame is, or why there is none. Mostly the same object for the same bytes: it must not be changed.
   */
  dissect(frame: Uint8Array): Dissected | NotOverlay {
    const ip = ETHERNET.header;
    if (frame.length < ip + IPV4.header) return 'truncated';
    if (get16(frame, ETHERNET.type) !== ETHERTYPE_IPV4 || frame[ip]! >>> 4 !== 4) return 'not-ipv4';
    const udp = ip + (frame[ip]! & 0xf) * 4;
    const bytes = get16(frame, ip + IPV4.length);
    const end = ip + bytes;
    if (udp < ip + IPV4.header || end > frame.length) return 'truncated';
    if (frame[ip + IPV4.protocol] !== PROTOCOL_UDP) return 'not-udp';
    if ((get16(frame, ip + IPV4.fragment) & MORE_FRAGMENTS_OR_OFFSET) !== 0) return 'fragment';
    if (udp + UDP.header > end || udp + get16(frame, udp + UDP.length) !== end) return 'truncated';
    if (get16(frame, udp + UDP.destination) !== this.#port) return 'other-port';
    const datagram = frame.subarray(udp + UDP.header, end);
    const known = this.#memory.recall(datagram);
    if (known !== undefined && known.bytes === bytes) return known;
    const found = this.#datagram(datagram, bytes);
    if (typeof found !== 'string') this.#memory.remember(datagram, found);
    return found;
  }

  #datagram(datagram: Uint8Array, bytes: number): Dissected | NotOverlay {
    const header = this.#header;
    const malformed = decodeHeader(datagram, header);
    if (malformed !== undefined) return malformed;
    if (header.proto !== PROTO_IPV6) return 'wrong-protocol';
    const packet = datagram.subarray(header.length);
    const broken = decodeInner(packet, this.#inner);
    if (broken !== undefined) return broken;
    const replicast = this.#replicast(packet);
    return {
      id: datagramId(packet),
      biftId: header.biftId,
      ttl: header.ttl,
      entropy: header.entropy,
      bits: hex(datagram, FIXED_HEADER_BYTES, header.length),
      bytes,
      source: this.#address(packet, INNER_SOURCE_OFFSET),
      destination: this.#address(packet, INNER_DESTINATION_OFFSET),
      ...(replicast && { replicast }),
    };
  }

  #replicast(packet: Uint8Array): Dissected['replicast'] | undefined {
    const { protocol, sourcePort, destinationPort, payloadStart, payloadEnd } = this.#inner;
    if (protocol !== PROTOCOL_UDP) return undefined;
    if (sourcePort !== REPLICAST_PORT && destinationPort !== REPLICAST_PORT) return undefined;
    const prefix = decodePrefix(packet.subarray(payloadStart, payloadEnd));
    if (typeof prefix === 'string') return undefined;
    const { kind, txn, attempt, index, count } = prefix;
    return { kind, txn: txnHex(txn), attempt, index, count };
  }

  #address(packet: Uint8Array, offset: number): string {
    let key = '';
    for (let i = offset; i < offset + 16; i += 2) key += String.fromCharCode(get16(packet, i));
    let text = this.#texts.get(key);
    if (text === undefined) {
      text = formatIpv6(packet, offset);
      if (this.#texts.size >= REMEMBERED) this.#texts.clear();
      this.#texts.set(key, text);
    }
    return text;
  }
}

function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += HEX[bytes[i]!];
  return text;
}
