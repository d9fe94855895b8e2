import type { TrunkDeclaration } from './link-schema.ts';
import type { ZoneDeclaration } from './schema.ts';
import type { ShapeDeclaration, ShapeSize } from './shape-schema.ts';

/** What a shape generates: the same declarations that a person would have written. */
export interface Shaped {
  zones: Record<string, ZoneDeclaration>;
  routers: string[];
  trunks: TrunkDeclaration[];
}

/** Zones z1, z2, … with targets t1, t2, … in order, and initiators i1, i2, … dealt out from the first zone on. */
function zonesOf(count: number, size: { hosts: number; initiators: number }): Record<string, ZoneDeclaration> {
  const zones: Record<string, ZoneDeclaration> = {};
  let target = 1;
  for (let index = 0; index < count; index++) {
    const members: ZoneDeclaration['hosts'] = {};
    for (let initiator = index + 1; initiator <= size.initiators; initiator += count)
      members[`i${initiator}`] = 'initiator';
    for (let n = 0; n < size.hosts; n++) members[`t${target++}`] = 'target';
    zones[`z${index + 1}`] = { hosts: members };
  }
  return zones;
}

const join = (a: string, b: string): TrunkDeclaration => ({ between: [a, b] });

/** `zones` trunks. */
export function star(size: ShapeSize<'star'>): Shaped {
  const zones = zonesOf(size.zones, size);
  return { zones, routers: ['core'], trunks: Object.keys(zones).map((zone) => join(zone, 'core')) };
}

/** `zones` trunks. */
export function ring(size: ShapeSize<'ring'>): Shaped {
  const open = line(size);
  return { ...open, trunks: [...open.trunks, join(`z${size.zones}`, 'z1')] };
}

/** `zones` − 1 trunks. */
export function line(size: ShapeSize<'line'>): Shaped {
  const zones = zonesOf(size.zones, size);
  const names = Object.keys(zones);
  return { zones, routers: [], trunks: names.slice(1).map((zone, index) => join(names[index]!, zone)) };
}

/** `zones` × (`zones` − 1) ÷ 2 trunks. */
export function mesh(size: ShapeSize<'mesh'>): Shaped {
  const zones = zonesOf(size.zones, size);
  const names = Object.keys(zones);
  return { zones, routers: [], trunks: names.flatMap((a, index) => names.slice(index + 1).map((b) => join(a, b))) };
}

/** One trunk for each node but the root: `fanout` + `fanout`² + … + `fanout`^`depth`. */
export function tree(size: ShapeSize<'tree'>): Shaped {
  const routers = ['r1'];
  const trunks: TrunkDeclaration[] = [];
  let level = ['r1'];
  let zoneCount = 0;
  for (let depth = 1; depth <= size.depth; depth++) {
    const next: string[] = [];
    for (const parent of level) {
      for (let branch = 0; branch < size.fanout; branch++) {
        const child = depth === size.depth ? `z${++zoneCount}` : `r${routers.length + 1}`;
        if (depth < size.depth) routers.push(child);
        trunks.push(join(parent, child));
        next.push(child);
      }
    }
    level = next;
  }
  return { zones: zonesOf(zoneCount, size), routers, trunks };
}

/** One zone, `spines` × `leaves` trunks inside it: targets leaf by leaf, initiators dealt out to the leaves in turn. */
export function leafSpine(size: ShapeSize<'leaf-spine'>): Shaped {
  const spines = Array.from({ length: size.spines }, (_, index) => `spine${index + 1}`);
  const leaves = Array.from({ length: size.leaves }, (_, index) => `leaf${index + 1}`);
  const { z1: zone } = zonesOf(1, { hosts: size.leaves * size.hosts, initiators: size.initiators });
  const [initiators, targets] = ['initiator', 'target'].map((role) =>
    Object.keys(zone!.hosts).filter((name) => zone!.hosts[name] === role),
  ) as [string[], string[]];
  const at = (leaf: number) => [
    ...initiators.filter((_, index) => index % size.leaves === leaf),
    ...targets.slice(leaf * size.hosts, (leaf + 1) * size.hosts),
  ];
  const switches = Object.fromEntries([
    ...spines.map((spine) => [spine, []]),
    ...leaves.map((leaf, index) => [leaf, at(index)]),
  ]);
  return {
    zones: { z1: { ...zone!, switches } },
    routers: [],
    trunks: leaves.flatMap((leaf) => spines.map((spine) => join(leaf, spine))),
  };
}

/** Generates the declarations that a `shape` field stands for. */
export function generate(declared: ShapeDeclaration): Shaped {
  if (declared.star) return star(declared.star);
  if (declared.ring) return ring(declared.ring);
  if (declared.line) return line(declared.line);
  if (declared.mesh) return mesh(declared.mesh);
  if (declared.tree) return tree(declared.tree);
  return leafSpine(declared['leaf-spine']!);
}
