import { hostsByAddress } from '../observe/addresses.ts';
import type { Captured } from '../observe/capture.ts';
import { datagramsFrom, type Evidence, type NodeEvent, storedFrom } from '../observe/evidence.ts';
import { Ledger } from '../observe/ledger.ts';
import type { Plan } from '../plan/index.ts';

/** What a living lab has seen of itself. */
export interface Seen {
  plan: Plan;
  events: readonly NodeEvent[];
  captured: Pick<Captured, 'sightings' | 'dropped'>;
  /** By wires. */
  framesMissed: number;
  puts: Evidence['puts'];
  killed: Evidence['killed'];
  phases: Evidence['phases'];
  counters: Record<string, unknown>;
}

/**
 * The evidence of what began at a moment (ms) or later: datagrams by when they were sent, puts by when they started. What is stored counts
 * from the beginning, since a target does not store twice; so do counters. Pure.
 */
export function evidenceSince(from: number, seen: Seen): Evidence {
  const { plan, events, captured, framesMissed, puts, killed, phases, counters } = seen;
  const { datagrams, strays } = datagramsFrom(events, hostsByAddress(plan));
  return {
    plan,
    ledger: new Ledger(captured.sightings.filter(({ time }) => time >= from)),
    datagrams: new Map([...datagrams].filter(([, { sentAt }]) => sentAt >= from)),
    strays: strays.filter(({ at }) => at >= from),
    puts: puts.filter(({ startedAt }) => startedAt >= from),
    stored: storedFrom(events),
    killed,
    phases,
    counters: [{ nodes: counters }],
    captureDrops: captured.dropped,
    framesMissed,
    noise: [],
  };
}
