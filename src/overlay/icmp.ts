import { addWords, foldChecksum } from './checksum.ts';
import { INNER_HOP_LIMIT, IPV6_HEADER_BYTES, IPV6_LEAST_MTU, PROTOCOL_ICMPV6 } from './constants.ts';
import { INNER_DESTINATION_OFFSET, INNER_SOURCE_OFFSET, pseudoHeaderSum } from './inner.ts';

/**
 * What a host's MRouter tells a program about a packet that it could not send.
 * - `packet-too-big`: RFC 4443 §3.2; `mtu` bytes would have fitted.
 * - `no-route`: RFC 4443 §3.1, code 0: nobody has that address.
 */
export type IcmpError = { kind: 'packet-too-big'; mtu: number } | { kind: 'no-route' };

const ICMP_HEADER_BYTES = 8;
const TYPE_UNREACHABLE = 1;
const TYPE_PACKET_TOO_BIG = 2;
/** Types below are errors, those from here on informational: no error is answered with an error. RFC 4443 §2.1 */
const FIRST_INFORMATIONAL_TYPE = 128;
const MULTICAST = 0xff;

/**
 * The ICMPv6 error that answers a packet, from and to its own source: the MRouter that says it is on the same host.
 * @param packet a whole IPv6 packet
 * @returns `undefined` where RFC 4443 §2.4 (e) forbids an answer: to another error, and, unless it is too big, to a packet for many
 */
export function encodeIcmpError(error: IcmpError, packet: Uint8Array): Uint8Array | undefined {
  if (packet[6] === PROTOCOL_ICMPV6 && packet[IPV6_HEADER_BYTES]! < FIRST_INFORMATIONAL_TYPE) return undefined;
  if (packet[INNER_DESTINATION_OFFSET] === MULTICAST && error.kind !== 'packet-too-big') return undefined;
  const start = IPV6_HEADER_BYTES + ICMP_HEADER_BYTES;
  const quoted = packet.subarray(0, IPV6_LEAST_MTU - start);
  const answer = Buffer.alloc(start + quoted.length);
  answer[0] = 0x60;
  answer.writeUInt16BE(ICMP_HEADER_BYTES + quoted.length, 4);
  answer[6] = PROTOCOL_ICMPV6;
  answer[7] = INNER_HOP_LIMIT;
  const source = packet.subarray(INNER_SOURCE_OFFSET, INNER_DESTINATION_OFFSET);
  answer.set(source, INNER_SOURCE_OFFSET);
  answer.set(source, INNER_DESTINATION_OFFSET);
  answer[IPV6_HEADER_BYTES] = error.kind === 'packet-too-big' ? TYPE_PACKET_TOO_BIG : TYPE_UNREACHABLE;
  if (error.kind === 'packet-too-big') answer.writeUInt32BE(error.mtu, IPV6_HEADER_BYTES + 4);
  answer.set(quoted, start);
  const sum = pseudoHeaderSum(answer, answer.length - IPV6_HEADER_BYTES, PROTOCOL_ICMPV6);
  const checksum = foldChecksum(addWords(sum, answer, IPV6_HEADER_BYTES, answer.length));
  answer.writeUInt16BE(checksum, IPV6_HEADER_BYTES + 2);
  return answer;
}
