import type { Endpoint } from './endpoint.ts';
import type { Ipv4Prefix } from './ipv4.ts';

/** One underlay L2 network. */
export interface Zone {
  readonly name: string;
  /** Position in `ClusterMap.zones`. */
  readonly index: number;
  readonly subnet: Ipv4Prefix;
  /** Whether one underlay multicast frame may reach all of the zone's targets. */
  readonly native: boolean;
}

/** A host that can be addressed by a bit. */
export interface Target {
  readonly name: string;
  /** Position in `ClusterMap.targets`. */
  readonly index: number;
  readonly zone: Zone;
  /** Its MRouter. */
  readonly endpoint: Endpoint;
  readonly mac: Uint8Array;
  /** 16 bytes */
  readonly overlay: Uint8Array;
  /** The same as canonical text. */
  readonly address: string;
}

/** A negotiating group: an ordered list of targets. */
export interface Group {
  readonly name: string;
  /** 48 bits; the first of `ceil(members / 64)` ids that belong to the group (see multicast.ts). */
  readonly id: number;
  readonly members: readonly Target[];
  /** Bits of the BIER header's bit string. */
  readonly bitStringLength: number;
  readonly sets: readonly MemberSet[];
}

/** The members of a group that share a bit string: `bitStringLength` of them at most. RFC 8279 §3 */
export interface MemberSet {
  readonly group: Group;
  /** SI: set k holds the members from k × bitStringLength on. */
  readonly setIdentifier: number;
  readonly biftId: number;
  /** Bit i is member i of the set. */
  readonly members: readonly Target[];
}

/** Where in the cluster one target is: bit `bit` of the bit strings of `set`. */
export interface Membership {
  readonly set: MemberSet;
  readonly bit: number;
}

/** "From zone A to zone C, ride on the copy that goes to zone B anyway." */
export interface Via {
  readonly from: Zone;
  readonly to: Zone;
  readonly via: Zone;
}

/** Two zones whose MRouters exchange datagrams over one connection instead of UDP. */
export interface ZoneTunnel {
  /** The zone whose MRouter connects. */
  readonly dialler: Zone;
  /** The zone whose MRouters listen, on the TCP port with the number of the map's UDP port. */
  readonly listener: Zone;
  readonly kind: 'tcp' | 'tls';
  /** Bytes that wait for the connection at each end at most. */
  readonly queue: number;
}

/** A cluster map after loading: names resolved, everything checked, indexed for lookups. Never changes. */
export interface ClusterMap {
  readonly port: number;
  /** 16 bytes, the last 8 of them 0. */
  readonly prefix: Uint8Array;
  readonly zones: readonly Zone[];
  readonly zoneByName: ReadonlyMap<string, Zone>;
  readonly targets: readonly Target[];
  readonly targetByName: ReadonlyMap<string, Target>;
  /** By canonical overlay address. */
  readonly targetByAddress: ReadonlyMap<string, Target>;
  /** By `Endpoint.key`. */
  readonly targetByEndpoint: ReadonlyMap<number, Target>;
  /** In the order of the file. */
  readonly groups: readonly Group[];
  readonly groupByName: ReadonlyMap<string, Group>;
  /** By every id that the group owns. */
  readonly groupById: ReadonlyMap<number, Group>;
  /** The targets of no group, so that they too have a bit for unicast; absent when there are none. */
  readonly ungrouped: Group | undefined;
  /** Every member set, by label. */
  readonly setByBiftId: ReadonlyMap<number, MemberSet>;
  /** For unicast, the one place to find a target's bit: in the first group that has it. Indexed like `targets`. */
  readonly homes: readonly Membership[];
  readonly vias: readonly Via[];
  /** Pairs of zones that are joined by something else than UDP. */
  readonly tunnels: readonly ZoneTunnel[];
  /** Partition i of the content hashes lives in group i. */
  readonly partitions: readonly Group[];
  readonly initiators: readonly Ipv4Prefix[];
  readonly relay: boolean;
  /** 32 bits of a hash of the whole file: equal maps, equal digests. */
  readonly digest: number;
}
