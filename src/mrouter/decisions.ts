import { type BierHeader, type Bift, bitsBeyond, decide, FIXED_HEADER_BYTES, isEmpty } from '../bier/index.ts';
import type { DropReason, Target, Zone } from '../overlay/index.ts';
import type { Counters } from './counters.ts';
import type { CachedDecision } from './decision-cache.ts';
import { dispatch } from './dispatch.ts';
import type { MapView } from './map-view.ts';

/** Makes the forwarding decisions of a host, each one once for as long as nobody dies or comes back. */
export class Decisions {
  readonly #isLive: (target: Target) => boolean;
  readonly #counters: Counters;

  constructor(isLive: (target: Target) => boolean, counters: Counters) {
    this.#isLive = isLive;
    this.#counters = counters;
  }

  /**
   * For a received datagram; remembers it.
   * @param header as decoded from the start of `datagram`
   */
  forReceived(view: MapView, bift: Bift, datagram: Uint8Array, header: BierHeader, ingress: Zone | undefined) {
    const { biftId, entropy, bitStringLength } = header;
    const from = ingress?.index ?? -1;
    const bytes = bitStringLength / 8;
    const known = view.cache.find(datagram, FIXED_HEADER_BYTES, bytes, biftId, entropy, from);
    if (known) return known;
    const bits = Uint8Array.from(datagram.subarray(FIXED_HEADER_BYTES, FIXED_HEADER_BYTES + bytes));
    const found = this.make(view, bift, bits, entropy, ingress);
    view.cache.store(bits, biftId, entropy, from, found);
    return found;
  }

  /** @param ingress the zone that the datagram comes from; absent when it originates here, or its source is in no zone */
  make(view: MapView, bift: Bift, bits: Uint8Array, entropy: number, ingress: Zone | undefined): CachedDecision {
    this.#counters.decisions++;
    const decision = decide(bift, bits, entropy, {
      zone: view.zone,
      bit: view.bitIn(bift),
      vias: view.vias,
      ingress,
      relay: view.map.relay,
      isLive: this.#isLive,
    });
    const { own, loops } = decision;
    const handed = ingress === view.zone;
    const { sends, refused } = dispatch(decision, bift, view, handed, this.#isLive);
    // Only addressed targets relay, and owners: what comes over a connection, or what a host of this zone wants to go over one.
    const mayPass = own || (handed ? sends.length + refused > 0 : ingress !== undefined && view.links.has(ingress));
    let problem: DropReason | undefined;
    if (isEmpty(bits)) problem = 'empty-bit-string';
    else if (bitsBeyond(bift, bits)) problem = 'bits-beyond-group';
    else if (!mayPass) problem = 'not-addressed';
    return { problem, own, sends, loops, refused };
  }
}
