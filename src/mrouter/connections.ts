import type { Target, ZoneTunnel } from '../overlay/index.ts';
import type { MapView } from './map-view.ts';
import { rankOwners } from './owners.ts';
import type { ZoneHop } from './sink.ts';

/** A connection between this host's zone and another one, as things are now. */
export interface Connection {
  readonly hop: ZoneHop;
  readonly tunnel: ZoneTunnel;
  /** Whether this zone's end connects and the other one listens. */
  readonly dials: boolean;
  /** Of this zone's end. */
  readonly owner: Target;
  /** Whether that is this host. */
  readonly owned: boolean;
  /** Who may own the other end, the likeliest first. */
  readonly peers: readonly Target[];
}

/** The connections of the zone of this host, which is a target. */
export function connectionsOf(view: MapView, isLive: (target: Target) => boolean): Connection[] {
  return [...view.links.values()].map((link) => {
    const { hop, tunnel } = link;
    const owner = view.ownerOf(link, isLive);
    return {
      hop,
      tunnel,
      dials: tunnel.dialler === view.zone,
      owner,
      owned: owner === view.self,
      peers: rankOwners(tunnel, view.membersOf(hop.zone), isLive),
    };
  });
}
