import { latencyFloor } from '../plan/index.ts';
import { linkDirections } from '../topology/index.ts';
import type { Datagram, Evidence } from './evidence.ts';
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
  const directions = new Map(linkDirections(evidence.plan.topology).map((direction) => [direction.name, direction]));
  const hosts = new Set(evidence.plan.nodes.map((node) => node.name));
  const measured: OneWay[] = [];
  for (const datagram of datagrams) {
    for (const { node: host, at } of datagram.deliveries) {
      const path = evidence.ledger.pathTo(datagram.id, host, at);
      if (path[0]?.from !== datagram.from) continue;
      const floor = path.reduce((sum, hop) => sum + latencyFloor([directions.get(hop.link)!], hop.bytes), 0);
      const wakeUps = path.filter((hop) => hosts.has(hop.to)).length;
      measured.push({ datagram, host, path, at, oneWay: at - datagram.sentAt, floor, wakeUps });
    }
  }
  return measured;
}
