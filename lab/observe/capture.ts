import { join } from 'node:path';
import { linkEnds, type Plan } from '../plan/index.ts';
import type { Snap } from './capture-file.ts';
import { type OtherFrame, unpackOthers, unpackSightings } from './capture-log.ts';
import { Wish } from './capture-wish.ts';
import type { CaptureResult, CaptureTask } from './capture-worker.ts';
import type { Sighting } from './sighting.ts';
import { startThread } from './worker-thread.ts';

export interface CaptureOptions {
  /** Folder for `lab.pcapng`: all frames of the lab in order of time, one interface for each link end. Without it, none is written. */
  dir?: string;
  /** A descriptor that it is written to instead. */
  descriptor?: number;
  /** How much of each frame the file keeps. By default all headers and all control messages, but not the data. */
  snap?: Snap;
}

export interface Captured {
  /** In order of time. */
  sightings: Sighting[];
  /** Frames that were lost to the capture; above 0 the sightings prove nothing. */
  dropped: number;
  /** Frames that were seen, those without an overlay datagram (hellos) included. */
  frames: number;
  /** Frames without an overlay datagram, by reason. */
  ignored: Record<string, number>;
  /** The same, one by one: they have their places in the file. */
  others: OtherFrame[];
}

export interface Capture {
  /** Rejects when the capture breaks, as when nobody reads what it writes any more. */
  failed: Promise<never>;
  /** What was seen so far: all that has crossed a link until now is in it. The capture goes on. */
  read(): Promise<Captured>;
  /** Ends the capture when what has crossed a link until now is in it. */
  stop(): Promise<Captured>;
}

/** Of the file in the run folder. */
export const CAPTURE_FILE = 'lab.pcapng';
/** 192 bytes hold the headers down to Replicast's, with an announce and a bit string of 256 bits. */
const SNAP: Snap = { whole: 512, head: 192 };

/** Memory of all rings together, in blocks of 64 KiB, and the share of one namespace at least and at most. */
const RING_BLOCKS = { total: 2048, least: 8, most: 1024 } as const;
/** A switch sees what all its hosts send. */
const SWITCH_WEIGHT = 8;

/**
 * Begins to watch every link end of a network that stands: from the moment that this resolves, every overlay datagram that crosses a link is
 * seen, where it leaves and where it arrives. Call it before the first node starts.
 * @throws SystemCallError when a packet socket cannot be opened; an EEXIST error when the folder has a capture already.
 */
export async function startCapture(plan: Plan, options: CaptureOptions = {}): Promise<Capture> {
  const { dir, descriptor, snap = SNAP } = options;
  const path = descriptor ?? (dir === undefined ? undefined : join(dir, CAPTURE_FILE));
  const ends = linkEnds(plan);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const blocks = shareRings(plan.namespaces.map(({ kind }) => (kind === 'host' ? 1 : SWITCH_WEIGHT)));
  const task: CaptureTask = {
    namespaces: plan.namespaces.map(({ name }, i) => ({
      name,
      interfaces: Object.fromEntries(ends.flatMap((end, n) => (end.node === name ? [[end.interface, n]] : []))),
      ringBlocks: blocks[i]!,
    })),
    ends: ends.map(({ name }) => name),
    port: plan.topology.overlay.port,
    ...(path !== undefined && { file: { path, snap } }),
    stop,
  };
  const worker = startThread('capture-worker', task);
  const failed = new Promise<never>((_, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the capture ended by itself')));
  });
  failed.catch(() => {}); // it is heard by whoever waits for the worker
  const message = <T>() => new Promise<T>((resolve) => worker.once('message', resolve));

  await Promise.race([message(), failed]);
  worker.unref();
  const ask = async (request: number): Promise<Captured> => {
    worker.ref();
    const result = message<CaptureResult>();
    Atomics.store(stop, 0, request);
    Atomics.notify(stop, 0);
    const { sightings, ...rest } = await Promise.race([result, failed]);
    return { sightings: unpackSightings(sightings), others: unpackOthers(sightings), ...rest };
  };
  let last: Promise<unknown> = Promise.resolve();
  let captured: Promise<Captured> | undefined;
  return {
    failed,
    read() {
      const read = last.then(async () => {
        const seen = await ask(Wish.Read);
        worker.unref();
        return seen;
      });
      last = read.catch(() => {});
      return read;
    },
    stop() {
      captured ??= last.then(() => ask(Wish.Stop));
      return captured;
    },
  };
}

/** How many blocks each ring gets, by weight. Pure. */
export function shareRings(weights: readonly number[]): number[] {
  const { total, least, most } = RING_BLOCKS;
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => Math.min(most, Math.max(least, Math.floor((total * weight) / sum))));
}
