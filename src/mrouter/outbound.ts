import { BierHeader, encodeHeader, headerLength, INITIAL_TTL, makeEntropy } from '../bier/index.ts';
import {
  ANNOUNCE_BYTES,
  addressOfKey,
  type Destination,
  type InnerHeader,
  IPV4_HEADER_BYTES,
  innerOverhead,
  UDP_HEADER_BYTES,
} from '../overlay/index.ts';
import type { CachedDecision } from './decision-cache.ts';
import type { Part } from './destination.ts';
import type { MapView, Self } from './map-view.ts';

/** How datagrams leave: what an application chooses besides the destination. */
export interface EnvelopeOptions {
  /** Any 32-bit number, the same for all datagrams of one transfer. */
  flow: number;
  /** 1 for the first try. */
  attempt: number;
  /** Whether to tell targets how to reach this host, if no map lists it. Default true. */
  announce?: boolean;
  sourcePort: number;
  destinationPort: number;
  /** 0 … 63, default 0 */
  dscp?: number;
}

/** A part of a destination with everything written that all its datagrams have in common. */
export interface Envelope {
  readonly part: Part;
  /** The BIER header; TTL and bits are patched for each copy. */
  readonly header: Uint8Array;
  readonly fields: InnerHeader;
  /** Good for as long as the router's epoch is the one it was made in. */
  decision: CachedDecision | undefined;
  epoch: number;
}

/** A destination whose envelopes are written, for as many datagrams as wanted. Made by `Router.route`, used by `Router.send`. */
export interface Outbound {
  readonly destination: Destination;
  readonly options: EnvelopeOptions;
  /** Bytes of payload that fit one underlay packet. */
  maxPayload: number;
  /** Bytes of a whole IPv6 packet, as a program makes it, that do. */
  maxPacket: number;
  view: MapView;
  envelopes: Envelope[];
}

/** Bytes that an underlay packet leaves for the inner packet. @param mtu bytes of an underlay IP packet */
export function innerRoom(mtu: number, bitStringLength: number): number {
  return mtu - IPV4_HEADER_BYTES - UDP_HEADER_BYTES - headerLength(bitStringLength);
}

/** Writes the envelopes of the parts of a destination. @param mtu bytes of an underlay IP packet */
export function makeOutbound(
  view: MapView,
  self: Self,
  mtu: number,
  destination: Destination,
  parts: readonly Part[],
  options: EnvelopeOptions,
): Outbound {
  const envelopes = parts.map((part) => makeEnvelope(view, self, part, options));
  const least = (taken: (announced: boolean) => number) =>
    Math.min(
      ...envelopes.map(({ part, fields }) => {
        const room = innerRoom(mtu, part.bift.set.group.bitStringLength);
        return room - taken(fields.announce !== undefined);
      }),
    );
  const maxPacket = least((announced) => (announced ? ANNOUNCE_BYTES : 0));
  return { destination, options, maxPayload: least(innerOverhead), maxPacket, view, envelopes };
}

function makeEnvelope(view: MapView, self: Self, part: Part, options: EnvelopeOptions): Envelope {
  const { group, biftId } = part.bift.set;
  const entropy = makeEntropy(options.flow, options.attempt);
  const bier = new BierHeader();
  bier.biftId = biftId;
  bier.ttl = INITIAL_TTL;
  bier.bitStringLength = group.bitStringLength;
  bier.entropy = entropy;
  bier.dscp = options.dscp ?? 0;
  const position = view.self ? group.members.indexOf(view.self) : -1;
  bier.bfirId = position + 1;
  const header = new Uint8Array(headerLength(group.bitStringLength));
  encodeHeader(header, bier, part.bits);
  // Only requests to targets need to say who asks; a host in the map is known. A reply that owners pass on tells them where to.
  const asks = options.announce !== false && !view.self && !part.initiator;
  const announced = asks ? self.endpoint.key : part.initiator && behindConnection(view, part.initiator.endpoint.key);
  return {
    part,
    header,
    fields: {
      source: self.overlay,
      destination: part.address,
      sourcePort: options.sourcePort,
      destinationPort: options.destinationPort,
      dscp: options.dscp ?? 0,
      flowLabel: entropy,
      announce: announced === undefined ? undefined : { address: addressOfKey(announced), port: announced % 65536 },
    },
    decision: undefined,
    epoch: -1,
  };
}

/** The endpoint if its zone is behind a connection. */
function behindConnection(view: MapView, endpointKey: number): number | undefined {
  const zone = view.zoneOf(endpointKey);
  return zone && view.links.has(zone) ? endpointKey : undefined;
}
