import { type Bift, buildBifts, viasFrom } from '../bier/index.ts';
import {
  addressOfKey,
  type ClusterMap,
  type Endpoint,
  endpointKey,
  endpointOfKey,
  inPrefix,
  nativeGroupAddress,
  type Target,
  type Zone,
  type ZoneTunnel,
} from '../overlay/index.ts';
import { DecisionCache } from './decision-cache.ts';
import { rankOwners } from './owners.ts';
import type { HostHop, TunnelKind, ZoneHop } from './sink.ts';

/** Who a host is. */
export interface Self {
  readonly endpoint: Endpoint;
  /** Name of its zone. */
  readonly zone: string;
  /** 16 bytes */
  readonly overlay: Uint8Array;
}

/** A connection between this host's zone and another one. */
export interface Link {
  readonly tunnel: ZoneTunnel;
  readonly hop: ZoneHop;
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
  readonly hops: readonly HostHop[];
  /** By the other zone: the zones that are reached over a connection. */
  readonly links: ReadonlyMap<Zone, Link>;
  readonly cache = new DecisionCache();
  /** When its labels stop being understood, ms; never while the map is in force. */
  validUntil = Number.POSITIVE_INFINITY;
  readonly #bits: ReadonlyMap<Bift, number>;
  readonly #nativeHops = new Map<Bift, HostHop>();
  readonly #owners = new Map<Link, Target>();

  /** @throws RangeError when the map has no such zone. */
  constructor(map: ClusterMap, self: Self) {
    const zone = map.zoneByName.get(self.zone);
    if (!zone) throw new RangeError(`the cluster map has no zone ${self.zone}`);
    this.map = map;
    this.zone = zone;
    this.self = map.targetByEndpoint.get(self.endpoint.key);
    this.bifts = buildBifts(map);
    this.vias = viasFrom(map.vias, zone);
    this.hops = map.targets.map((target) => ({
      tunnel: 'udp',
      endpoint: target.endpoint,
      zone: target.zone,
      target,
    }));
    this.links = new Map(linksOf(map.tunnels, zone).map((link) => [link.hop.zone, link]));
    const bits = new Map<Bift, number>();
    for (const bift of this.bifts.values()) bits.set(bift, this.self ? bift.set.members.indexOf(this.self) : -1);
    this.#bits = bits;
  }

  /** This host's bit in a set; −1 when it has none. */
  bitIn(bift: Bift): number {
    return this.#bits.get(bift)!;
  }

  /** The underlay multicast group that stands for a negotiating group in this host's zone. */
  nativeHop(bift: Bift): HostHop {
    const known = this.#nativeHops.get(bift);
    if (known) return known;
    const endpoint = endpointOfKey(endpointKey(nativeGroupAddress(bift.set.group), this.map.port));
    const hop: HostHop = { tunnel: 'native', endpoint, zone: this.zone, target: undefined };
    this.#nativeHops.set(bift, hop);
    return hop;
  }

  membersOf(zone: Zone): Target[] {
    return this.map.targets.filter((target) => target.zone === zone);
  }

  /** Who owns this zone's end of a connection. */
  ownerOf(link: Link, isLive: (target: Target) => boolean): Target {
    let owner = this.#owners.get(link);
    if (!owner) {
      // A zone with a tunnel has a target: see `resolveTunnels`.
      owner = rankOwners(link.tunnel, this.membersOf(this.zone), isLive)[0]!;
      this.#owners.set(link, owner);
    }
    return owner;
  }

  /** To be called when somebody has died or come back. */
  forgetDecisions(): void {
    this.cache.clear();
    this.#owners.clear();
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

  /** Whether datagrams from a zone of that name may come this way: a pair of zones has one kind of tunnel, and no other counts. */
  admits(tunnel: TunnelKind, zoneName: string | undefined): boolean {
    const zone = zoneName === undefined ? undefined : this.map.zoneByName.get(zoneName);
    if (tunnel === 'native') return zone === this.zone && zone.native;
    const kind = zone ? this.links.get(zone)?.tunnel.kind : undefined;
    return tunnel === (kind ?? 'udp');
  }

  /** Whether hosts outside the map may send requests from there. */
  mayInitiate(endpointKey: number): boolean {
    const address = addressOfKey(endpointKey);
    return this.map.initiators.some((prefix) => inPrefix(prefix, address));
  }
}

function linksOf(tunnels: readonly ZoneTunnel[], zone: Zone): Link[] {
  return tunnels
    .filter(({ dialler, listener }) => dialler === zone || listener === zone)
    .map((tunnel) => {
      const other = tunnel.dialler === zone ? tunnel.listener : tunnel.dialler;
      return { tunnel, hop: { tunnel: tunnel.kind, zone: other } };
    });
}
