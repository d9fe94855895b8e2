/** Every reason for which a datagram is dropped, in one place: the names of counters, events and log lines. */
export const DROP_REASONS = [
  /** Shorter than the headers it claims to have. */
  'truncated',
  /** Longer than any underlay packet can be. */
  'oversized',
  /** Not the nibble 0101 of a BIER header, nor a hello. RFC 8296 §2.1.2 */
  'wrong-nibble',
  'wrong-version',
  /** A bit string length code outside RFC 8296's seven. */
  'bad-bit-string-length',
  /** The payload is no IPv6 packet. */
  'wrong-protocol',
  /** The header's label is not in this host's cluster map: unknown group, or another membership. */
  'unknown-bift',
  /** A known label with another bit string length than the label stands for. */
  'bit-string-length-mismatch',
  'bits-beyond-group',
  /** An empty bit string, and the receiver is not the initiator that the inner packet is for. */
  'empty-bit-string',
  /** This host's bit is not set: only addressed targets relay. */
  'not-addressed',
  'ttl-expired',
  /** A copy would go back to the zone that it came from. */
  'loop',
  /** No peer, no learned initiator, no believable announce. */
  'unknown-source',
  /** From a zone that is reached another way: over a connection, or not over this one. */
  'wrong-tunnel',
  /** From the own zone with bits of another one, and this host does not own the connection there. */
  'not-owner',
  /** An announce of an address that is outside the allowed prefixes, not its sender's, or a target's. */
  'announce-refused',
  /** A hello that does not parse. */
  'bad-hello',
  'inner-truncated',
  'inner-version',
  'inner-length',
  'inner-option',
  'inner-udp-length',
  'inner-checksum',
  /** The inner packet is not addressed to this host, whatever its header says. */
  'wrong-destination',
  /** Nothing on this host listens to the inner protocol or port. */
  'no-application',
  /** The underlay refused a datagram that this host wanted to send. */
  'send-error',
  /** Too much waits for the underlay already. */
  'send-queue-full',
  /** It came when this host was too busy: the underlay's socket had no room for it. */
  'receive-queue-full',
  /** A program sends through the gateway from an address that is not this host's. */
  'gateway-source',
  /** A program sends through the gateway to an overlay address that nobody has. */
  'no-route',
  /** A packet of a program that does not fit the underlay, header and all. */
  'packet-too-big',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
