/** Fixed part of the header before the bit string, bytes. RFC 8296 §2.1.2 */
export const FIXED_HEADER_BYTES = 12;

/** Where the TTL stands. RFC 8296 §2.1.1 */
export const TTL_OFFSET = 3;

/** The nibble 0101 that tells a BIER header from IPv4 and IPv6 in its place. RFC 8296 §2.1.2 */
export const BIER_NIBBLE = 5;

/** The only version there is. RFC 8296 §2.1.2 */
export const BIER_VERSION = 0;

/** Proto of an IPv6 payload, IANA registry "BIER Next Protocol Identifiers", RFC 8296 §5. */
export const PROTO_IPV6 = 6;

/** Codes of bit string lengths: 1 is 64 bits, 7 is 4096. RFC 8296 §2.1.2 */
export const SHORTEST_LENGTH_CODE = 1;
export const LONGEST_LENGTH_CODE = 7;

/** TTL of a datagram that leaves its originator: overlay hops. Source: overlay.md, Loops. */
export const INITIAL_TTL = 8;

/** Low bits of the entropy that hold the attempt; the other 16 are a hash of the flow. */
export const ATTEMPT_BITS = 4;
