import type { Sighting } from './sighting.ts';

/** One crossing of one link, in one direction, by one overlay datagram. */
export interface Traversal {
  /** Direction: `from>to`. */
  link: string;
  from: string;
  to: string;
  /** Identity of the datagram. */
  id: string;
  /** Targets that this copy still had to reach, as in the BIER header. */
  bits: string;
  ttl: number;
  /** Bytes of the underlay IP packet. */
  bytes: number;
  /** When it left `from`, ms; absent when only its arrival was seen. */
  sentAt?: number;
  /** When it arrived at `to`, ms; absent when it was lost on the way. */
  arrivedAt?: number;
  source: string;
  destination: string;
  replicast?: NonNullable<Sighting['replicast']>;
}

/** The time a traversal is filed under: when it started, as far as that is known. */
export const timeOf = (traversal: Traversal): number => traversal.sentAt ?? traversal.arrivedAt ?? 0;

/**
 * Every traversal of every link by every overlay datagram of one run. Pure: made from sightings in any order.
 * A sighting that leaves `a` towards `b` and the next one of the same copy that arrives at `b` from `a` are one traversal.
 */
export class Ledger {
  /** In order of time. */
  readonly traversals: readonly Traversal[];
  readonly #byDatagram = new Map<string, Traversal[]>();

  /** @param seen sightings in any order, or the traversals of a ledger that was written down, in order of time */
  constructor(seen: readonly Sighting[] | { traversals: readonly Traversal[] }) {
    this.traversals = 'traversals' in seen ? seen.traversals : pair(seen);
    for (const traversal of this.traversals) {
      const list = this.#byDatagram.get(traversal.id);
      if (list) list.push(traversal);
      else this.#byDatagram.set(traversal.id, [traversal]);
    }
  }

  /** Identities of all datagrams that crossed a link. */
  datagrams(): Iterable<string> {
    return this.#byDatagram.keys();
  }

  /** The traversals of one datagram, in order of time. */
  of(id: string): readonly Traversal[] {
    return this.#byDatagram.get(id) ?? [];
  }

  /** How often a datagram crossed each link direction. */
  crossings(id: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { link } of this.of(id)) counts.set(link, (counts.get(link) ?? 0) + 1);
    return counts;
  }

  /** Bytes of underlay IP packets that crossed each link direction. */
  bytesByLink(): Map<string, number> {
    const bytes = new Map<string, number>();
    for (const { link, bytes: n } of this.traversals) bytes.set(link, (bytes.get(link) ?? 0) + n);
    return bytes;
  }

  /**
   * The way of a datagram from its origin to one node: the chain of traversals, first to last; empty when it never got there.
   * Walks back from the arrival: through a switch the copy keeps its bit string, at a relay it comes from any copy that
   * had reached the relay before.
   */
  pathTo(id: string, node: string, before = Number.POSITIVE_INFINITY): Traversal[] {
    const path: Traversal[] = [];
    const remaining = new Set(this.of(id));
    let last: Traversal | undefined;
    let at = node;
    let latest = before;
    for (;;) {
      let step: Traversal | undefined;
      let sameCopy = false;
      for (const candidate of remaining) {
        if (candidate.to !== at || candidate.arrivedAt === undefined || candidate.arrivedAt > latest) continue;
        const same = last === undefined || candidate.bits === last.bits;
        if (step === undefined || (same && !sameCopy) || (same === sameCopy && timeOf(candidate) >= timeOf(step))) {
          step = candidate;
          sameCopy = same;
        }
      }
      if (!step) return path;
      path.unshift(step);
      remaining.delete(step);
      last = step;
      at = step.from;
      latest = timeOf(step);
    }
  }
}

function pair(sightings: readonly Sighting[]): Traversal[] {
  const inOrder = [...sightings].sort((a, b) => a.time - b.time || (a.way === 'out' ? -1 : 1));
  const traversals: Traversal[] = [];
  /** Traversals that have left and not yet arrived, by direction and copy. */
  const underWay = new Map<string, Traversal[]>();
  for (const sighting of inOrder) {
    const [here, peer] = sighting.end.split('>') as [string, string];
    const [from, to] = sighting.way === 'out' ? [here, peer] : [peer, here];
    const key = `${from}>${to} ${sighting.id} ${sighting.bits} ${sighting.ttl}`;
    if (sighting.way === 'in') {
      const earlier = underWay.get(key)?.shift();
      if (earlier) {
        earlier.arrivedAt = sighting.time;
        continue;
      }
    }
    const traversal: Traversal = {
      link: `${from}>${to}`,
      from,
      to,
      id: sighting.id,
      bits: sighting.bits,
      ttl: sighting.ttl,
      bytes: sighting.bytes,
      source: sighting.source,
      destination: sighting.destination,
      ...(sighting.way === 'out' ? { sentAt: sighting.time } : { arrivedAt: sighting.time }),
      ...(sighting.replicast && { replicast: sighting.replicast }),
    };
    traversals.push(traversal);
    if (sighting.way === 'out') {
      const list = underWay.get(key);
      if (list) list.push(traversal);
      else underWay.set(key, [traversal]);
    }
  }
  return traversals;
}
