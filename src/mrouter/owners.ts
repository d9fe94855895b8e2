import { hashBytes, mix32 } from '../bier/index.ts';
import type { Target, ZoneTunnel } from '../overlay/index.ts';

/**
 * Who may own one end of the connection between two zones, best first: rendezvous hashing ranks the members of the zone for this pair of
 * zones, and the live ones come before the others. Every host with the same map and the same view of who is alive finds the same order;
 * when the first dies, the second takes over, and nobody else's place changes.
 * @param members of the zone whose end it is
 */
export function rankOwners(
  tunnel: ZoneTunnel,
  members: readonly Target[],
  isLive: (target: Target) => boolean,
): Target[] {
  const pair = mix32(mix32(tunnel.dialler.subnet.address) ^ tunnel.listener.subnet.address);
  return members
    .map((target) => ({ target, live: isLive(target), weight: mix32(hashBytes(target.overlay) ^ pair) }))
    .sort((a, b) => Number(b.live) - Number(a.live) || b.weight - a.weight || a.target.index - b.target.index)
    .map(({ target }) => target);
}
