/** UDP port of every MRouter on the underlay. Source: overlay.md, Encapsulation. */
export const DEFAULT_PORT = 8296;

/** Inner UDP port of Replicast. */
export const REPLICAST_PORT = 8297;

/** Inner UDP port of generated test datagrams: every MRouter accepts them, counts them and throws them away. */
export const PROBE_PORT = 8298;

/** bytes; RFC 8200 §3 */
export const IPV6_HEADER_BYTES = 40;

/** bytes; RFC 768 */
export const UDP_HEADER_BYTES = 8;

/** bytes; outer IPv4 header without options, RFC 791 */
export const IPV4_HEADER_BYTES = 20;

/** bytes; the destination options header that carries an announce: 2 + option of 8 + padding of 6, RFC 8200 §4.6 */
export const ANNOUNCE_BYTES = 16;

/** What every IPv6 link carries without fragmentation, bytes; also what an ICMPv6 error is cut to. RFC 8200 §5, RFC 4443 §2.4 (c) */
export const IPV6_LEAST_MTU = 1280;

/** Next-header values, RFC 8200 and the IANA protocol numbers. */
export const PROTOCOL_HOP_BY_HOP = 0;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;
export const PROTOCOL_DESTINATION_OPTIONS = 60;

/** Option type of the announce: experimental, "skip if unknown, may not change on the way"; RFC 4727 §3.2, RFC 8200 §4.2. */
export const OPTION_ANNOUNCE = 0x1e;

/** bytes of option data: underlay IPv4 address and UDP port */
export const OPTION_ANNOUNCE_BYTES = 6;

/** Hop limit of inner packets. No router of the overlay changes it: overlay hops are counted in the BIER header. */
export const INNER_HOP_LIMIT = 64;

/** Targets that one overlay multicast address can name: bits of its map. Source: overlay.md, Addresses. */
export const ADDRESS_MAP_BITS = 64;

/** Group ids have 48 bits. 0 is kept for the targets that belong to no declared group. */
export const GROUP_ID_LIMIT = 2 ** 48;
export const UNGROUPED_ID = 0;

/** Bit string lengths that RFC 8296 §2.1.2 has codes for, in bits. Code = log2(length) − 5. */
export const BIT_STRING_LENGTHS = [64, 128, 256, 512, 1024, 2048, 4096] as const;

/** Bit strings grow with their group up to here by themselves (every BIER router handles 256, RFC 8296 §3); longer ones must be asked for. */
export const DEFAULT_BIT_STRING_LIMIT = 256;

/** Overlay addresses whose text is remembered. */
export const ADDRESS_TEXT_LIMIT = 1024;

/** Bytes that wait for a connection between two zones, unless its tunnel says otherwise: 80 ms at 100 Mbit/s. */
export const DEFAULT_TUNNEL_QUEUE = 1 << 20;

/** bytes; the longest datagram and its length have to fit. */
export const LEAST_TUNNEL_QUEUE = 65_537;

/**
 * DSCP of datagrams that their receivers have asked for or made room for: AF11, "high-throughput data" in RFC 4594 §4.8. Everything else
 * is unsolicited, and is the first to go where a queue is full.
 */
export const DSCP_SOLICITED = 10;

/**
 * Native zones: the underlay multicast group of a negotiating group is this and the low 18 bits of the group's id; the organisation-local
 * scope 239.192.0.0/14 of RFC 2365 §6.2. Groups that share one by chance share frames: receivers go by the overlay address.
 */
export const NATIVE_GROUP_PREFIX = 0xefc00000;
export const NATIVE_GROUP_BITS = 18;
