import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type FrameInfo, inNamespace, interfaceIndex, monotonicNow, PacketSocket } from '../../src/kernel/index.ts';
import { CaptureFile, type Snap } from './capture-file.ts';
import { overlayFilter } from './capture-filter.ts';
import { type PackedSightings, SightingLog } from './capture-log.ts';
import { Wish } from './capture-wish.ts';
import { KernelClock } from './clock.ts';
import { Dissector } from './dissect.ts';

/** The thread that captures: it sleeps and reads by turns until it is told to stop. capture.ts starts it. */

export interface CaptureTask {
  namespaces: {
    name: string;
    /** Interface → number of its link end in `ends`. */
    interfaces: Record<string, number>;
    ringBlocks: number;
  }[];
  /** Names of all link ends, `node>peer`. */
  ends: string[];
  port: number;
  /** Where the frames are written, and how much of each. */
  file?: { path: string | number; snap: Snap };
  /** One number, a `Wish`. */
  stop: Int32Array<SharedArrayBuffer>;
}

export interface CaptureResult {
  sightings: PackedSightings;
  /** Overlay frames that passed. */
  frames: number;
  /** Frames that the kernel had no room for. */
  dropped: number;
  /** Frames to the overlay's port that carried no overlay datagram, by reason. */
  ignored: Record<string, number>;
}

/** Bytes of a block of a ring; a jumbo frame fits. */
export const BLOCK_SIZE = 1 << 16;
/** The kernel hands over a block that is not full after this, ms; a block that was just begun only after twice as long. */
const HAND_OVER = 40;
const LATEST = 2.5 * HAND_OVER;
/** Sleep between two looks at the rings, ms: some 300 full frames at 1 Gbit/s. */
const PAUSE = 4;
/** After so many frames in one look there is no time to sleep. */
const BUSY = 200;
/** Between two sortings of what is to be written, ms. */
const FLUSH = 100;
/** Nice value of the thread, where it may be chosen. */
const PRIORITY = -10;
/** Sockets that start at the same time; the kernel lets them wait together. */
const TOGETHER = 64;

const { namespaces, ends, port, file, stop } = workerData as CaptureTask;
const clock = new KernelClock();
const dissector = new Dissector(port);
const log = new SightingLog();
const ignored = new Map<string, number>();
const output = file && new CaptureFile(file.path, ends, file.snap, LATEST + FLUSH);
let frames = 0;

const sources = namespaces.map(({ name, interfaces, ringBlocks }) =>
  inNamespace(name, () => {
    const others = interfacesHere().filter((other) => !(other in interfaces));
    return {
      socket: new PacketSocket(),
      ringBlocks,
      ends: new Map(Object.entries(interfaces).map(([own, end]) => [interfaceIndex(own), end])),
      filter: overlayFilter(port, others.map(interfaceIndex)),
    };
  }),
);

async function together(action: (source: (typeof sources)[number]) => Promise<void>): Promise<void> {
  for (let i = 0; i < sources.length; i += TOGETHER) await Promise.all(sources.slice(i, i + TOGETHER).map(action));
}

await together(({ socket, ringBlocks, filter }) =>
  socket.start({ blockSize: BLOCK_SIZE, blocks: ringBlocks, handOver: HAND_OVER, filter }),
);
try {
  // On Linux 0 is the calling thread. What it captures must not wait for what is captured; without privileges it has to.
  setPriority(0, PRIORITY);
} catch {
  // Then rings and drop count have to do.
}
parentPort!.postMessage('ready');

let flushed = monotonicNow();
let until = Number.POSITIVE_INFINITY;
for (;;) {
  const now = monotonicNow();
  const wish = Atomics.load(stop, 0);
  if (now > until) {
    if (wish === Wish.Stop) break;
    until = Number.POSITIVE_INFINITY;
    Atomics.store(stop, 0, Wish.GoOn);
    parentPort!.postMessage(result());
    continue;
  }
  // A sleep that ends at once when there is a wish; from then on only what is under way is awaited.
  if (until === Number.POSITIVE_INFINITY && wish !== Wish.GoOn) until = now + LATEST;
  if (read() < BUSY) Atomics.wait(stop, 0, wish, PAUSE);
  if (output && now > flushed + FLUSH) {
    output.flush(now);
    flushed = now;
  }
}
output?.close();
const all = result();
await together(({ socket }) => socket.close());
const { sightings, datagrams, others } = all.sightings;
parentPort!.postMessage(
  all,
  [sightings, datagrams, others].map(({ numbers }) => numbers.buffer),
);

function result(): CaptureResult {
  return {
    sightings: log.pack(),
    frames,
    dropped: sources.reduce((sum, { socket }) => sum + socket.drops(), 0),
    ignored: Object.fromEntries(ignored),
  };
}

/** Empties all rings. */
function read(): number {
  clock.sample();
  let count = 0;
  for (const { socket, ends: endOf } of sources) {
    count += socket.read((frame, info) => {
      const end = endOf.get(info.interface);
      if (end !== undefined) note(frame, info, end);
    });
  }
  return count;
}

function note(frame: Uint8Array, info: FrameInfo, end: number): void {
  frames++;
  const time = clock.toMonotonic(info.seconds, info.nanoseconds);
  const dissected = dissector.dissect(frame);
  const way = info.outgoing ? 'out' : 'in';
  if (typeof dissected === 'string') {
    ignored.set(dissected, (ignored.get(dissected) ?? 0) + 1);
    if (output) log.appendOther(ends[end]!, way, time);
  } else log.append(dissected, ends[end]!, way, time);
  output?.add(time, {
    interface: end,
    seconds: info.seconds,
    nanoseconds: info.nanoseconds,
    outgoing: info.outgoing,
    bytes: frame,
    length: info.length,
  });
}

/** Names of the interfaces in the calling thread's namespace. */
function interfacesHere(): string[] {
  const table = readFileSync('/proc/thread-self/net/dev', 'utf8');
  return [...table.matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => name!);
}
