import { hostsByAddress } from '../observe/addresses.ts';
import type { Captured } from '../observe/capture.ts';
import { datagramsFrom, type Evidence, type NodeEvent, storedFrom } from '../observe/evidence.ts';
import { since } from '../observe/kernel-counters.ts';
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
  /** Frames that have found no room so far, by direction. */
  queueDrops: Readonly<Record<string, number>>;
  changes: NonNullable<Evidence['changes']>;
  phases: Evidence['phases'];
  counters: Record<string, unknown>;
}

/** A moment, ms, and what had been counted until then. */
export interface Mark {
  at: number;
  queueDrops: Readonly<Record<string, number>>;
}

/** When the lab came up. */
export const START: Mark = { at: 0, queueDrops: {} };

/**
 * The evidence of what began at a mark or later: datagrams by when they were sent, puts by when they started. What is stored counts
 * from the beginning, since a target does not store twice; so do counters. Pure.
 */
export function evidenceSince({ at: from, queueDrops: before }: Mark, seen: Seen): Evidence {
  const { plan, events, captured, framesMissed, puts, killed, phases, counters, queueDrops, changes } = seen;
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
    changes,
    queueDrops: since(before, queueDrops),
    noise: [],
  };
}
