/** One overlay datagram seen at one end of a link: the raw material of the ledger. */
export interface Sighting {
  /** The link end it was seen at: `node>peer` (frames leaving `node` towards `peer` are `out` there). */
  end: string;
  /** `out`: leaving the node; `in`: arriving from the peer (so its direction of travel is `peer>node`). */
  way: 'in' | 'out';
  /** ms on CLOCK_MONOTONIC. */
  time: number;
  /** Identity of the datagram: see `datagramId` in src/overlay. The same on every link it crosses. */
  id: string;
  /** Identity of the frame's forwarding state. */
  biftId: number;
  ttl: number;
  entropy: number;
  /** Targets still to be reached by this copy: hexadecimal bit string, most significant byte first. */
  bits: string;
  /** Bytes of the underlay IP packet. */
  bytes: number;
  /** Overlay addresses, canonical IPv6 text. */
  source: string;
  destination: string;
  /** Present when the payload is a Replicast message. */
  replicast?: { kind: number; txn: string; attempt: number; index: number; count: number };
}
