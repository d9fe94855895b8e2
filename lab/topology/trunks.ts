import { type Path, suggestion } from '../../src/document/index.ts';
import type { TrunkDeclaration } from './link-schema.ts';
import { linkName } from './links.ts';
import type { Problems } from './problems.ts';
import { type Layer, mergeLayers } from './properties.ts';
import type { TopologyFile } from './schema.ts';
import type { Shaped } from './shapes.ts';
import type { LinkProperties, Router, Topology, Trunk, Zone } from './topology.ts';

/** Switch → its zone. */
export const zonesBySwitch = (zones: readonly Zone[]): Map<string, Zone> =>
  new Map(zones.flatMap((zone) => zone.switches.map((name) => [name, zone])));

/** Whether a trunk is part of the L2 network of a zone, not routed. */
export function isSwitched({ a, b }: Pick<Trunk, 'a' | 'b'>, zoneOf: ReadonlyMap<string, Zone>): boolean {
  const zone = zoneOf.get(a);
  return zone !== undefined && zone === zoneOf.get(b);
}

/** Resolves the trunks: ends known, each pair joined once, defaults filled in. Those that make no sense are left out. */
export function readTrunks(
  declared: Shaped,
  zones: readonly Zone[],
  defaults: TopologyFile['defaults']['trunk'],
  problems: Problems,
): Trunk[] {
  const ends = new Ends(declared, zones, problems);
  const seen = new Map<string, number>();
  return declared.trunks.flatMap((trunk, index): Trunk[] => {
    const path: Path = ['trunks', index];
    const [a, b] = trunk.between;
    for (const end of Object.keys(trunk.toward ?? {})) {
      if (end !== a && end !== b) {
        problems.atKey([...path, 'toward', end], `"${end}" is no end of this trunk${suggestion(end, [a, b])}`);
      }
    }
    if (!ends.check(path, a, b)) return [];
    const first = seen.get(linkName(a, b)) ?? seen.get(linkName(b, a));
    if (first !== undefined) {
      const line = problems.line(['trunks', first]);
      problems.at([...path, 'between'], `a second trunk between ${a} and ${b}: the first is on line ${line}`);
      return [];
    }
    seen.set(linkName(a, b), index);
    const oneWay = (to: string): LinkProperties =>
      mergeLayers(
        [
          { path: ['defaults', 'trunk'], properties: defaults },
          { path, properties: withoutEnds(trunk) },
          { path: [...path, 'toward', to], properties: trunk.toward?.[to] ?? {} },
        ],
        problems,
      );
    return [{ a, b, forward: oneWay(b), backward: oneWay(a) }];
  });
}

/** Knows what a trunk may end at. */
class Ends {
  readonly #declared: Shaped;
  readonly #zoneOf: ReadonlyMap<string, Zone>;
  readonly #names: readonly string[];
  readonly #problems: Problems;

  constructor(declared: Shaped, zones: readonly Zone[], problems: Problems) {
    this.#declared = declared;
    this.#zoneOf = zonesBySwitch(zones);
    this.#names = [...this.#zoneOf.keys(), ...declared.routers];
    this.#problems = problems;
  }

  /** Reports what is wrong with the ends of the trunk at `path`; false when something is. */
  check(path: Path, a: string, b: string): boolean {
    const known = [a, b].map((end, side) => {
      if (this.#names.includes(end)) return true;
      this.#problems.at([...path, 'between', side], `${this.#what(end)}${suggestion(end, this.#names)}`);
      return false;
    });
    if (known.includes(false)) return false;
    if (a === b) {
      this.#problems.at([...path, 'between'], `a trunk from ${a} to itself: name two different zones or routers`);
      return false;
    }
    if (isSwitched({ a, b }, this.#zoneOf)) return true;
    for (const [side, end] of [a, b].entries()) {
      const zone = this.#zoneOf.get(end);
      if (!zone || zone.switches[0] === end) continue;
      const message = `${end} does not route: trunks of zone ${zone.name} to others end at its first switch, ${zone.switches[0]}`;
      this.#problems.at([...path, 'between', side], message);
    }
    return true;
  }

  #what(end: string): string {
    const zones = this.#declared.zones;
    if (Object.values(zones).some((zone) => Object.hasOwn(zone.hosts, end))) {
      return `"${end}" is a host: trunks join zones and routers`;
    }
    if (Object.hasOwn(zones, end)) return `zone ${end} has several switches: name the one that the trunk ends at`;
    return `unknown zone or router "${end}"`;
  }
}

function withoutEnds({ between: _, toward: __, rules: ___, ...properties }: TrunkDeclaration): Layer['properties'] {
  return properties;
}

/** Reports what cannot be reached: a switch inside its zone, a zone or router from the first zone. */
export function checkConnected(
  { zones, routers, trunks }: Pick<Topology, 'zones' | 'routers' | 'trunks'>,
  problems: Problems,
): void {
  const message = (from: string, to: string) =>
    `no trunk leads from ${from} to ${to}: join it with trunks: - { between: [${from}, ${to}] }`;
  const zoneOf = zonesBySwitch(zones);
  const switched = trunks.filter((trunk) => isSwitched(trunk, zoneOf));
  for (const { name, switches } of zones) {
    const [first, ...others] = switches as [string, ...string[]];
    const reached = reach(first, switched);
    for (const other of others) {
      if (!reached.has(other)) problems.atKey(['zones', name, 'switches', other], message(first, other));
    }
  }
  const start = zones[0];
  if (!start) return;
  const routed = trunks.filter((trunk) => !isSwitched(trunk, zoneOf));
  const reached = reach(start.switches[0]!, routed);
  const unreachable = ({ switches }: Zone) => !reached.has(switches[0]!);
  for (const zone of zones.filter(unreachable)) {
    problems.atKey(['zones', zone.name], message(start.switches[0]!, zone.switches[0]!));
  }
  for (const [index, { name }] of routers.entries()) {
    if (!reached.has(name)) problems.at(['routers', index], message(start.switches[0]!, name));
  }
}

/** What trunks lead to from one end, itself included. */
function reach(from: Router['name'], trunks: readonly Pick<Trunk, 'a' | 'b'>[]): Set<string> {
  const reached = new Set([from]);
  // A Set walks what is added to it while walking.
  for (const node of reached) {
    for (const { a, b } of trunks) {
      if (a === node) reached.add(b);
      if (b === node) reached.add(a);
    }
  }
  return reached;
}
