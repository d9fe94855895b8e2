import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { InputError } from '../../src/document/index.ts';
import { compile } from '../plan/index.ts';
import { loadTopology } from '../topology/index.ts';
import { hostsByAddress } from './addresses.ts';
import { datagramsFrom, type Evidence, type NodeEvent, storedFrom } from './evidence.ts';
import type { Ledger } from './ledger.ts';
import { ledgerLines, readLedgerLines } from './ledger-file.ts';

/** Files of a run folder: docs/evidence.md says what is in them. */
export const FILES = {
  topology: 'topology.yaml',
  events: 'events.jsonl',
  ledger: 'ledger.jsonl',
  observations: 'observations.json',
} as const;

/** A step of the scenario as it was played; times in ms on CLOCK_MONOTONIC. */
export interface PlayedStep {
  kind: string;
  title: string;
  startedAt: number;
  endedAt: number;
  /** Why it failed. */
  error?: string;
}

/** What the capture saw of each link end. */
export interface CaptureCounts {
  /** Overlay frames in lab.pcapng. */
  frames: number;
  dropped: number;
  /** Frames to the overlay's port that carry no datagram, by reason. */
  ignored: Record<string, number>;
  /** How many of those there were at each link end (`node>peer`). */
  others: Record<string, number>;
}

/** Everything that a run folder knows of what happened in the lab. */
export interface Recorded {
  evidence: Evidence;
  events: readonly NodeEvent[];
  steps: readonly PlayedStep[];
  capture: CaptureCounts;
}

/** Of the evidence what neither the topology nor the ledger nor the events say. */
type Observations = Omit<
  Evidence,
  'plan' | 'ledger' | 'datagrams' | 'strays' | 'stored' | 'killed' | 'captureDrops'
> & {
  schema: 1;
  killed: Record<string, number>;
  steps: readonly PlayedStep[];
  capture: CaptureCounts;
};

/** Writes events.jsonl, ledger.jsonl and observations.json. The topology is there since before the run. */
export async function writeEvidence(folder: string, { evidence, events, steps, capture }: Recorded): Promise<void> {
  const { plan: _, ledger, datagrams: __, strays: ___, stored: ____, captureDrops: _____, killed, ...rest } = evidence;
  await writeJsonLines(join(folder, FILES.events), events);
  await writeJsonLines(join(folder, FILES.ledger), ledgerLines(ledger));
  const observations: Observations = { schema: 1, ...rest, killed: Object.fromEntries(killed), steps, capture };
  await writeFile(join(folder, FILES.observations), `${JSON.stringify(observations)}\n`);
}

/**
 * Everything again, from the folder alone.
 * @throws InputError when the folder holds no evidence: the run did not get that far, or it is no run folder.
 */
export async function readEvidence(folder: string): Promise<Recorded> {
  const topology = join(folder, FILES.topology);
  const text = (file: string) => readFile(join(folder, file), 'utf8');
  try {
    const plan = compile(loadTopology(await text(FILES.topology), topology));
    const { schema, killed, steps, capture, ...rest } = JSON.parse(await text(FILES.observations)) as Observations;
    if (schema !== 1) throw new Error(`${FILES.observations} has schema ${schema}, not 1`);
    const events = await readJsonLines(join(folder, FILES.events));
    return {
      evidence: {
        ...rest,
        plan,
        ledger: await readLedger(folder),
        ...datagramsFrom(events, hostsByAddress(plan)),
        stored: storedFrom(events),
        killed: new Map(Object.entries(killed)),
        captureDrops: capture.dropped,
      },
      events,
      steps,
      capture,
    };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError([{ file: folder, message: `holds no whole evidence of a run: ${(error as Error).message}` }]);
  }
}

/** The ledger of a run folder. */
export async function readLedger(folder: string): Promise<Ledger> {
  return readLedgerLines((await readFile(join(folder, FILES.ledger), 'utf8')).split('\n'));
}

async function readJsonLines(file: string): Promise<NodeEvent[]> {
  const events: NodeEvent[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line !== '') events.push(JSON.parse(line) as NodeEvent);
  }
  return events;
}

/** Writes values as JSON lines without holding the whole text in memory. */
export async function writeJsonLines(path: string, values: Iterable<unknown>): Promise<void> {
  const stream = createWriteStream(path);
  // What goes wrong (a full disk) is heard by `finished`, and must not end the process before.
  const done = finished(stream);
  done.catch(() => {});
  for (const value of values) {
    if (!stream.write(`${JSON.stringify(value)}\n`)) await Promise.race([once(stream, 'drain'), done]);
  }
  stream.end();
  await done;
}
