import { type ClusterMap, parseClusterMap } from '../../src/overlay/index.ts';

/** A cluster map as plain data: zones with the targets in them, `{ a: ['a1', 'a2'] }`. */
export interface MapSketch {
  zones: Record<string, readonly string[]>;
  /** By default one group `g` of all targets. */
  groups?: Record<string, readonly string[]>;
  /** `from to via` */
  vias?: readonly string[];
  /** `dialler listener kind` */
  tunnels?: readonly string[];
  /** Zones with native multicast. */
  native?: readonly string[];
  bitStringLength?: number | undefined;
  relay?: boolean;
  initiators?: readonly string[];
}

/** The file that a sketch stands for: zone k has the subnet 10.(k+1).0.0/16 and its targets 10.(k+1).1.1 and on. */
export function mapFile(sketch: MapSketch): Record<string, unknown> {
  const zones = Object.entries(sketch.zones);
  const targets = zones.flatMap(([zone, names], z) =>
    names.map((name, t) => {
      const host = t + 257;
      const hex = (value: number) => value.toString(16).padStart(2, '0');
      const mac = `02:00:0a:${hex(z + 1)}:${hex(host >> 8)}:${hex(host & 0xff)}`;
      return [name, { zone, underlay: `10.${z + 1}.${host >> 8}.${host & 0xff}`, mac }];
    }),
  );
  const groups = Object.entries(sketch.groups ?? { g: zones.flatMap(([, names]) => names) });
  return {
    prefix: 'fd63:6173:746c:1::/64',
    zones: Object.fromEntries(
      zones.map(([zone], z) => [
        zone,
        { subnet: `10.${z + 1}.0.0/16`, ...(sketch.native?.includes(zone) && { native: true }) },
      ]),
    ),
    targets: Object.fromEntries(targets),
    groups: Object.fromEntries(
      groups.map(([name, members], g) => [
        name,
        {
          id: ((g + 1) * 256).toString(16).padStart(12, '0'),
          members,
          ...(sketch.bitStringLength !== undefined && { bitStringLength: sketch.bitStringLength }),
        },
      ]),
    ),
    vias: (sketch.vias ?? []).map((line) => {
      const [from, to, via] = line.split(' ');
      return { from, to, via };
    }),
    ...(sketch.tunnels && {
      tunnels: sketch.tunnels.map((line) => {
        const [dialler, listener, kind] = line.split(' ');
        return { between: [dialler, listener], kind };
      }),
    }),
    ...(sketch.initiators && { initiators: sketch.initiators }),
    relay: sketch.relay ?? true,
  };
}

/** @throws InputError when the sketch makes no valid map */
export function mapOf(sketch: MapSketch): ClusterMap {
  return parseClusterMap(JSON.stringify(mapFile(sketch)), 'map.json');
}
