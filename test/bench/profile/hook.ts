/**
 * Runs in a program that is looked at, before the program itself (`profiled.ts` makes Node.js import it). The first SIGUSR2 begins to watch, the second
 * ends it and writes what was seen to PROFILE_FOLDER/PID.json; PROFILE says what is watched: `time` or `memory`.
 */
import dgram from 'node:dgram';
import { renameSync, writeFileSync } from 'node:fs';
import { type HeapProfiler, type Profiler, Session } from 'node:inspector';

/** µs between two samples of what runs. */
const TIME_INTERVAL = 250;
/** Mean bytes between two samples of what is allocated. */
const MEMORY_INTERVAL = 4096;
/** Bytes that libuv sets aside for each message that a `node:dgram` socket receives. */
const RECEIVED = 65_536;

/** What was asked for outside the heap of JavaScript, by the function that was asked. */
export type Buffers = Record<string, { count: number; bytes: number }>;

export interface Watched {
  /** ms of real time. */
  wall: number;
  /** µs of processor of the whole process, threads included. */
  cpu: { user: number; system: number };
  /** What ran, when `PROFILE` is `time`. */
  time?: Profiler.Profile;
  /** What was allocated, collected or not, when it is `memory`. */
  memory?: HeapProfiler.SamplingHeapProfile;
  buffers: Buffers;
}

const { PROFILE: kind, PROFILE_FOLDER: folder } = process.env;
const buffers: Buffers = {};
const session = new Session();
session.connect();
// Of whatever is watched nothing is asynchronous in the end: the inspector answers before `post` returns.
const ask = <T>(method: string, options?: object): T => {
  let answer: T | undefined;
  session.post(method, options ?? {}, (error: Error | null, result?: object) => {
    if (error) throw new Error(`${method}: ${error.message}`);
    answer = result as T;
  });
  return answer as T;
};
const tell = (suffix: string, what: unknown) => {
  const file = `${folder}/${process.pid}${suffix}`;
  writeFileSync(`${file}.part`, JSON.stringify(what));
  renameSync(`${file}.part`, file);
};

function count(name: string, bytes: number): void {
  const known = buffers[name] ?? { count: 0, bytes: 0 };
  buffers[name] = { count: known.count + 1, bytes: known.bytes + bytes };
}

/** Counts what the heap's profile does not have. */
function countBuffers(): void {
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
    const original = Buffer[name];
    // Some call it with `new`: an arrow function would not do.
    Buffer[name] = function allocate(size: number, ...rest: never[]) {
      count(`Buffer.${name}`, size);
      return original(size, ...rest);
    };
  }
  const from = Uint8Array.from.bind(Uint8Array) as (source: ArrayLike<number>, ...rest: unknown[]) => Uint8Array;
  Uint8Array.from = ((source: ArrayLike<number>, ...rest: unknown[]) => {
    count('Uint8Array.from', source.length);
    return from(source, ...rest);
  }) as typeof Uint8Array.from;
  const emit = dgram.Socket.prototype.emit as (this: dgram.Socket, event: string, ...rest: unknown[]) => boolean;
  dgram.Socket.prototype.emit = function (this: dgram.Socket, event: string, ...rest: unknown[]) {
    if (event === 'message') count('node:dgram, each message', RECEIVED);
    return emit.call(this, event, ...rest);
  };
}

let begun: { wall: number; cpu: NodeJS.CpuUsage } | undefined;
if (kind === 'memory') countBuffers();

process.on('SIGUSR2', () => {
  if (!begun) {
    if (kind === 'memory') {
      ask('HeapProfiler.enable');
      ask('HeapProfiler.startSampling', {
        samplingInterval: MEMORY_INTERVAL,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      });
      for (const name of Object.keys(buffers)) delete buffers[name];
    } else {
      ask('Profiler.enable');
      ask('Profiler.setSamplingInterval', { interval: TIME_INTERVAL });
      ask('Profiler.start');
    }
    begun = { wall: performance.now(), cpu: process.cpuUsage() };
    tell('.begun', true);
    return;
  }
  const watched: Watched = {
    wall: performance.now() - begun.wall,
    cpu: process.cpuUsage(begun.cpu),
    buffers: structuredClone(buffers),
  };
  if (kind === 'memory') {
    watched.memory = ask<{ profile: HeapProfiler.SamplingHeapProfile }>('HeapProfiler.stopSampling').profile;
  } else {
    watched.time = ask<{ profile: Profiler.Profile }>('Profiler.stop').profile;
  }
  begun = undefined;
  tell('.json', watched);
});
