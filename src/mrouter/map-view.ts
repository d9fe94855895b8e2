import { type Bift, buildBifts, viasFrom } from '../bier/index.ts';
import { addressOfKey, type ClusterMap, type Endpoint, inPrefix, type Target, type Zone } from '../overlay/index.ts';
import { DecisionCache } from './decision-cache.ts';
import type { Hop } from './sink.ts';

/** Who a host is. */
export interface Self {
  readonly endpoint: Endpoint;
  /** Name of its zone. */
  readonly zone: string;
  /** 16 bytes */
  readonly overlay: Uint8Array;
}

/** One cluster map as one host sees it: its own place, the way to every target, and the decisions made so far. */
export class MapView {
  readonly map: ClusterMap;
  readonly bifts: ReadonlyMap<number, Bift>;
  /** This host, if the map lists it. */
  readonly self: Target | undefined;
  readonly zone: Zone;
  readonly vias: ReadonlyMap<Zone, Zone>;
  /** By target index. */
  readonly hops: readonly Hop[];
  readonly cache = new DecisionCache();
  /** When its labels stop being understood, ms; never while the map is in force. */
  validUntil = Number.POSITIVE_INFINITY;
  readonly #bits: ReadonlyMap<Bift, number>;

  /** @throws RangeError when the map has no such zone. */
  constructor(map: ClusterMap, self: Self) {
    const zone = map.zoneByName.get(self.zone);
    if (!zone) throw new RangeError(`the cluster map has no zone ${self.zone}`);
    this.map = map;
    this.zone = zone;
    this.self = map.targetByEndpoint.get(self.endpoint.key);
    this.bifts = buildBifts(map);
    this.vias = viasFrom(map.vias, zone);
    this.hops = map.targets.map((target) => ({ endpoint: target.endpoint, zone: target.zone, target }));
    const bits = new Map<Bift, number>();
    for (const bift of this.bifts.values()) bits.set(bift, this.self ? bift.set.members.indexOf(this.self) : -1);
    this.#bits = bits;
  }

  /** This host's bit in a set; −1 when it has none. */
  bitIn(bift: Bift): number {
    return this.#bits.get(bift)!;
  }

  /** Another MRouter of this map. */
  peer(endpointKey: number): Target | undefined {
    const target = this.map.targetByEndpoint.get(endpointKey);
    return target === this.self ? undefined : target;
  }

  /** The zone whose subnet an endpoint is in. */
  zoneOf(endpointKey: number): Zone | undefined {
    const address = addressOfKey(endpointKey);
    return this.map.zones.find((zone) => inPrefix(zone.subnet, address));
  }

  /** Whether hosts outside the map may send requests from there. */
  mayInitiate(endpointKey: number): boolean {
    const address = addressOfKey(endpointKey);
    return this.map.initiators.some((prefix) => inPrefix(prefix, address));
  }
}
