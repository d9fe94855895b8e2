import { readFileSync } from 'node:fs';
import { inNamespace } from '../../src/kernel/index.ts';
import { linkEnds, type Plan } from '../plan/index.ts';

/** What has left by one direction of a link. */
export interface LinkCounters {
  packets: number;
  bytes: number;
  /** What the sending end dropped, on the device; a full queue shows in `tc -s`. */
  dropped: number;
}

/** Columns of /proc/net/dev after the interface's name: eight of receiving, then those of sending. */
const SENT = { bytes: 8, packets: 9, dropped: 11 } as const;

/** The counters of every direction (`a>b`), as its sending end has them. */
export function interfaceCounters(plan: Plan): Map<string, LinkCounters> {
  const tables = new Map(plan.namespaces.map(({ name }) => [name, tableOf(name)]));
  return new Map(linkEnds(plan).map((end) => [end.name, parseCounters(tables.get(end.node)!, end.interface)]));
}

const tableOf = (namespace: string): string =>
  inNamespace(namespace, () => readFileSync('/proc/thread-self/net/dev', 'utf8'));

/** Reads one interface's line of /proc/net/dev. Pure. */
export function parseCounters(table: string, name: string): LinkCounters {
  const line = table.split('\n').find((candidate) => candidate.trim().startsWith(`${name}:`));
  const columns =
    line
      ?.slice(line.indexOf(':') + 1)
      .trim()
      .split(/\s+/)
      .map(Number) ?? [];
  const { packets, bytes, dropped } = SENT;
  return { packets: columns[packets] ?? 0, bytes: columns[bytes] ?? 0, dropped: columns[dropped] ?? 0 };
}
