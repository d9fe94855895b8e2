import {
  directionName,
  isSwitched,
  type LinkDirection,
  linkDirections,
  type Topology,
  type Zone,
  zonesBySwitch,
} from '../topology/index.ts';

type Network = Pick<Topology, 'zones' | 'routers' | 'hosts' | 'trunks'>;

/** Where a node is: the switch or router that a packet from or to it passes first or last, and its zone. */
interface Place {
  at: string;
  zone?: Zone;
  /** Which of several equally short ways through its zone a packet to it takes. */
  spread: number;
}

/**
 * Shortest paths by number of trunks, the same in every run, each node's next hop in agreement with the whole path. Where several are equally
 * short, routers take the trunk that is declared first, and the switches inside a zone share the hosts among the trunks in turn (as ECMP does).
 */
export class Routing {
  readonly #links: ReadonlyMap<string, LinkDirection>;
  readonly #places = new Map<string, Place>();
  readonly #routed: Graph;
  readonly #switched: Graph;

  constructor({ zones, routers, hosts, trunks }: Network) {
    this.#links = new Map(linkDirections({ hosts, trunks }).map((link) => [link.name, link]));
    const zoneOf = zonesBySwitch(zones);
    const nodes = [...zoneOf.keys(), ...routers.map(({ name }) => name)];
    this.#switched = new Graph(
      nodes,
      trunks.filter((trunk) => isSwitched(trunk, zoneOf)),
    );
    this.#routed = new Graph(
      nodes,
      trunks.filter((trunk) => !isSwitched(trunk, zoneOf)),
    );
    for (const { name } of routers) this.#places.set(name, { at: name, spread: 0 });
    for (const [name, zone] of zoneOf) this.#places.set(name, { at: name, zone, spread: 0 });
    const counts = new Map<string, number>();
    for (const host of hosts) {
      const spread = counts.get(host.zone) ?? 0;
      counts.set(host.zone, spread + 1);
      this.#places.set(host.name, { at: host.switch, zone: zoneOf.get(host.switch)!, spread });
    }
  }

  /** The gateway or router that a packet at gateway or router `from` goes to next on its way to `to`. @throws RangeError when there is no way. */
  nextHop(from: string, to: string): string {
    return this.#routed.next(from, to);
  }

  /** The switch that a frame for `to` (a host or switch) goes to next from a switch of the same zone. @throws RangeError when there is no way. */
  nextSwitch(from: string, to: string): string {
    const { at, spread } = this.#place(to);
    return this.#switched.next(from, at, spread);
  }

  /** The link directions that a packet crosses between any two nodes, in order. @throws RangeError when there is no way. */
  path(from: string, to: string): LinkDirection[] {
    if (from === to) return [];
    const [start, end] = [this.#place(from), this.#place(to)];
    const nodes = [...new Set([from, start.at])];
    if (start.zone === undefined || start.zone !== end.zone) {
      const [exit, entry] = [gateway(start), gateway(end)];
      nodes.push(...this.#switched.way(start.at, exit, 0), ...this.#routed.way(exit, entry, 0));
    }
    nodes.push(...this.#switched.way(nodes.at(-1)!, end.at, end.spread));
    if (end.at !== to) nodes.push(to);
    return nodes.slice(1).map((node, index) => this.#links.get(directionName(nodes[index]!, node))!);
  }

  #place(node: string): Place {
    const place = this.#places.get(node);
    if (!place) throw new RangeError(`there is no ${node}`);
    return place;
  }
}

/** The router of the zone that a node is in, or the router that it is. */
const gateway = ({ at, zone }: Place): string => zone?.switches[0] ?? at;

/** Nodes and what joins them. */
class Graph {
  /** In the order of declaration. */
  readonly #neighbours: ReadonlyMap<string, string[]>;
  /** Destination → how many links away each node is. */
  readonly #distances = new Map<string, ReadonlyMap<string, number>>();

  constructor(nodes: readonly string[], links: readonly { a: string; b: string }[]) {
    this.#neighbours = new Map(nodes.map((node) => [node, []]));
    for (const { a, b } of links) {
      this.#neighbours.get(a)!.push(b);
      this.#neighbours.get(b)!.push(a);
    }
  }

  /** The neighbour of `from` that is nearer to `to`; of several, the one whose turn `spread` is. */
  next(from: string, to: string, spread = 0): string {
    const distances = this.#distancesTo(to);
    const nearer = this.#neighbours.get(from)?.filter((node) => distances.get(node)! < distances.get(from)!) ?? [];
    if (nearer.length === 0) throw new RangeError(`no way from ${from} to ${to}`);
    return nearer[spread % nearer.length]!;
  }

  /** The nodes after `from` on the way to `to`. */
  way(from: string, to: string, spread: number): string[] {
    const nodes: string[] = [];
    for (let at = from; at !== to; nodes.push(at)) at = this.next(at, to, spread);
    return nodes;
  }

  #distancesTo(destination: string): ReadonlyMap<string, number> {
    const known = this.#distances.get(destination);
    if (known) return known;
    const distances = new Map([[destination, 0]]);
    // A Map walks what is added to it while walking: this is breadth first.
    for (const [node, distance] of distances) {
      for (const next of this.#neighbours.get(node) ?? []) if (!distances.has(next)) distances.set(next, distance + 1);
    }
    this.#distances.set(destination, distances);
    return distances;
  }
}

/** The link directions that a packet crosses between two nodes (hosts, switches or routers). @throws RangeError when there is no way. */
export function path(topology: Topology, from: string, to: string): LinkDirection[] {
  return new Routing(topology).path(from, to);
}
