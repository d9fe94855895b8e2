import { latencyFloor } from '../plan/index.ts';
import { type LinkDirection, linkDirections } from '../topology/index.ts';
import type { Datagram, Evidence, LinkChanged } from './evidence.ts';
import type { Traversal } from './ledger.ts';

/** One delivery, with what the topology itself makes it take at least. */
export interface OneWay {
  datagram: Datagram;
  host: string;
  /** First hop to last. */
  path: readonly Traversal[];
  /** When it was handed over, ms on CLOCK_MONOTONIC. */
  at: number;
  /** From the application that sent it to the application that got it, ms. */
  oneWay: number;
  /** Sum of delay and serialisation over the links of its own path, ms. */
  floor: number;
  /** Processes that had to wake up for it: relays and the last host. */
  wakeUps: number;
}

/** Every delivery of these datagrams whose path the ledger knows from its origin. */
export function oneWayTimes(evidence: Evidence, datagrams: Iterable<Datagram>): OneWay[] {
  const directionAt = directionsOf(evidence);
  const hosts = new Set(evidence.plan.nodes.map((node) => node.name));
  const measured: OneWay[] = [];
  for (const datagram of datagrams) {
    for (const { node: host, at } of datagram.deliveries) {
      const path = evidence.ledger.pathTo(datagram.id, host, at);
      if (path[0]?.from !== datagram.from) continue;
      const floor = path.reduce((sum, hop, i) => {
        // Where the kernel delays frames, it shows them only when they have been delayed.
        const since = path[i - 1]?.arrivedAt ?? datagram.sentAt;
        return sum + latencyFloor([directionAt(hop.link, since)], hop.bytes);
      }, 0);
      const wakeUps = path.filter((hop) => hosts.has(hop.to)).length;
      measured.push({ datagram, host, path, at, oneWay: at - datagram.sentAt, floor, wakeUps });
    }
  }
  return measured;
}

/** Every link direction as it was at a time: as declared, until the scenario changed it. */
function directionsOf({ plan, changes = [] }: Evidence): (name: string, time: number) => LinkDirection {
  const declared = new Map(linkDirections(plan.topology).map((direction) => [direction.name, direction]));
  const changed = new Map<string, LinkChanged[]>();
  for (const change of changes) changed.set(change.direction, [...(changed.get(change.direction) ?? []), change]);
  return (name, time) => {
    const direction = declared.get(name)!;
    const last = changed.get(name)?.findLast(({ at }) => at <= time);
    return last ? { ...direction, properties: last.properties } : direction;
  };
}
