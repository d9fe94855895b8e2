import { suggestion } from '../document/index.ts';
import type { Zone, ZoneTunnel } from './cluster-map.ts';
import type { Complain } from './complaint.ts';
import type { ClusterMapFile } from './schema.ts';

/**
 * The connections between zones that a cluster map declares. Both zones need a target, because only who is in the map can own one end;
 * and a pair of zones has one connection at most.
 */
export function resolveTunnels(
  file: ClusterMapFile,
  zones: ReadonlyMap<string, Zone>,
  complain: Complain,
): ZoneTunnel[] {
  const tunnels: ZoneTunnel[] = [];
  for (const [index, { between, kind, queue }] of file.tunnels.entries()) {
    const path = ['tunnels', index, 'between'];
    for (const [end, name] of between.entries()) {
      if (!Object.hasOwn(file.zones, name)) {
        complain([...path, end], `no zone is called "${name}"${suggestion(name, Object.keys(file.zones))}`);
      } else if (!Object.values(file.targets).some((target) => target.zone === name)) {
        complain([...path, end], `zone ${name} has no target, and only a target can own its end of a connection`);
      }
    }
    const [a, b] = [zones.get(between[0]), zones.get(between[1])];
    if (!a || !b) continue;
    if (a === b) complain(path, `a tunnel between zone ${a.name} and itself: it joins two zones`);
    else if (tunnels.some((tunnel) => joins(tunnel, a) && joins(tunnel, b))) {
      complain(path, `there is a tunnel between ${a.name} and ${b.name} already: a pair of zones has one`);
    } else tunnels.push({ dialler: a, listener: b, kind, queue });
  }
  return tunnels;
}

const joins = ({ dialler, listener }: ZoneTunnel, zone: Zone): boolean => dialler === zone || listener === zone;
