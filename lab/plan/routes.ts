import { directionName, type LinkDirection, linkDirections, type Topology } from '../topology/index.ts';

/**
 * Shortest paths by number of trunks. Where several are equally short, the trunk declared first wins, at each node on its
 * way: so the way is the same in every run, and each node's next hop agrees with the whole path.
 */
export class Routing {
  readonly #links: ReadonlyMap<string, LinkDirection>;
  /** Zone or router → those that a trunk joins it to, in the order of declaration. */
  readonly #neighbours = new Map<string, string[]>();
  readonly #zoneOf: ReadonlyMap<string, string>;
  /** Destination → how many trunks away each zone or router is. */
  readonly #distances = new Map<string, ReadonlyMap<string, number>>();

  constructor(topology: Pick<Topology, 'zones' | 'routers' | 'hosts' | 'trunks'>) {
    this.#links = new Map(linkDirections(topology).map((link) => [link.name, link]));
    this.#zoneOf = new Map(topology.hosts.map((host) => [host.name, host.zone]));
    for (const { name } of [...topology.zones, ...topology.routers]) this.#neighbours.set(name, []);
    for (const { a, b } of topology.trunks) {
      this.#neighbours.get(a)!.push(b);
      this.#neighbours.get(b)!.push(a);
    }
  }

  /** The zone or router that a packet at zone or router `from` goes to next on its way to `to`. @throws RangeError when there is no way. */
  nextHop(from: string, to: string): string {
    const distances = this.#distancesTo(to);
    const nearer = this.#neighbours.get(from)?.find((node) => distances.get(node)! < distances.get(from)!);
    if (nearer === undefined) throw new RangeError(`no way from ${from} to ${to}`);
    return nearer;
  }

  /** The link directions that a packet crosses between any two nodes, in order. @throws RangeError when there is no way. */
  path(from: string, to: string): LinkDirection[] {
    const nodes = [from];
    const [start, end] = [from, to].map((node) => this.#zoneOf.get(node) ?? node) as [string, string];
    if (from === to) return [];
    if (start !== from) nodes.push(start);
    for (let at = start; at !== end; nodes.push(at)) at = this.nextHop(at, end);
    if (end !== to) nodes.push(to);
    return nodes.slice(1).map((node, index) => this.#links.get(directionName(nodes[index]!, node))!);
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

/** The link directions that a packet crosses between two nodes (hosts, zones or routers). @throws RangeError when there is no way. */
export function path(topology: Topology, from: string, to: string): LinkDirection[] {
  return new Routing(topology).path(from, to);
}
