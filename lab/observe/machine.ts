import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { timingIsReliable } from '../sandbox/timing.ts';

/** What a machine kept from its processes between two moments, ms of one processor's time. */
export interface MachineLoad {
  duration: number;
  /** Taken by the hypervisor for other guests, on average of all processors. */
  stolen: number;
  /** Share of the processors' time in which they had nothing to do, 0 to 1. */
  idle: number;
  /** Time in which some process waited for a processor; absent where the kernel has no PSI. */
  stalled?: number;
  /** Whoever started this run said that its processors are emulated: what that takes, nothing measures. */
  emulated?: true;
}

/** Of /proc/stat: USER_HZ, which is 100 on every architecture that Node.js runs on (proc_stat(5)). */
const TICK = 10;
/** Of the `cpu` line of /proc/stat, after the name. */
const STEAL = 7;
/** `idle`; `iowait` follows. */
const IDLE = 3;

/** Begins to measure; the function that it returns tells what has happened since. @param now ms */
export function watchMachine(now: () => number): () => MachineLoad {
  const start = read();
  const began = now();
  return () => {
    const end = read();
    const stalled = start.stalled === undefined || end.stalled === undefined ? undefined : end.stalled - start.stalled;
    return {
      duration: now() - began,
      stolen: (end.stolen - start.stolen) / availableParallelism(),
      idle: share(end.idle - start.idle, end.total - start.total),
      ...(stalled !== undefined && { stalled }),
      ...(!timingIsReliable() && { emulated: true }),
    };
  };
}

function read() {
  const stat = readFileSync('/proc/stat', 'utf8');
  return {
    stolen: stolenTime(stat),
    ...idleTime(stat),
    stalled: stalledTime(readOptional('/proc/pressure/cpu')),
  };
}

/** Without any time, a machine counts as idle. */
const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 1);

/** ms that all processors together were idle (waiting for a disk is idle too), and all their time. Pure. */
export function idleTime(stat: string): { idle: number; total: number } {
  const fields = cpuFields(stat);
  const ticks = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) * TICK;
  // The fields after steal, of guests, are part of the first two.
  return { idle: ticks(fields.slice(IDLE, IDLE + 2)), total: ticks(fields.slice(0, STEAL + 1)) };
}

/** ms that all processors together were not there for. Pure. */
export function stolenTime(stat: string): number {
  return (cpuFields(stat)[STEAL] ?? 0) * TICK;
}

function cpuFields(stat: string): number[] {
  const [, ...fields] = /^cpu .*$/m.exec(stat)?.[0].trim().split(/\s+/) ?? [];
  return fields.map(Number);
}

/** ms in which some process waited for a processor: `total` of the `some` line, which is in microseconds. Pure. */
export function stalledTime(pressure: string | undefined): number | undefined {
  const total = /^some .*\btotal=(\d+)/m.exec(pressure ?? '')?.[1];
  return total === undefined ? undefined : Number(total) / 1000;
}

function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
