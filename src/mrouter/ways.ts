import type { Endpoint, Target } from '../overlay/index.ts';
import type { MapView } from './map-view.ts';
import type { Hop, TunnelKind, ZoneHop } from './sink.ts';

/** Whether a tunnel is a connection between two zones. */
export function isConnection(tunnel: TunnelKind): tunnel is ZoneHop['tunnel'] {
  return tunnel === 'tcp' || tunnel === 'tls';
}

/** Whether a hop leads over a connection. */
export function isZoneHop(hop: Hop): hop is ZoneHop {
  return isConnection(hop.tunnel);
}

/** The way to a host that is in no map: the connection to its zone, or the owner of that, or straight. */
export function wayTo(view: MapView, endpoint: Endpoint, isLive: (target: Target) => boolean): Hop {
  const zone = view.zoneOf(endpoint.key);
  const link = zone && view.links.get(zone);
  if (!link) return { tunnel: 'udp', endpoint, zone, target: undefined };
  const owner = view.ownerOf(link, isLive);
  return owner === view.self ? link.hop : view.hops[owner.index]!;
}

/**
 * The way of somebody else's datagram to such a host: out over a connection of this host, or from one into this zone, nothing else.
 * @param arriving whether it came over a connection
 */
export function wayOn(view: MapView, endpoint: Endpoint, arriving: boolean, isLive: (target: Target) => boolean) {
  const hop = wayTo(view, endpoint, isLive);
  const legal = arriving ? !isZoneHop(hop) && hop.zone === view.zone : isZoneHop(hop);
  return legal ? hop : undefined;
}
