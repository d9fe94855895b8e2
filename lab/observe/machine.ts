import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { timingIsReliable } from '../sandbox/timing.ts';

/** What a machine kept from its processes between two moments, ms of one processor's time. */
export interface MachineLoad {
  duration: number;
  /** Taken by the hypervisor for other guests, on average of all processors. */
  stolen: number;
  /** Time in which some process waited for a processor; absent where the kernel has no PSI. */
  stalled?: number;
  /** Whoever started this run said that its processors are emulated: what that takes, nothing measures. */
  emulated?: true;
}

/** Of /proc/stat: USER_HZ, which is 100 on every architecture that Node.js runs on (proc_stat(5)). */
const TICK = 10;
/** Of the `cpu` line of /proc/stat, after the name. */
const STEAL = 7;

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
      ...(stalled !== undefined && { stalled }),
      ...(!timingIsReliable() && { emulated: true }),
    };
  };
}

function read(): { stolen: number; stalled: number | undefined } {
  return {
    stolen: stolenTime(readFileSync('/proc/stat', 'utf8')),
    stalled: stalledTime(readOptional('/proc/pressure/cpu')),
  };
}

/** ms that all processors together were not there for. Pure. */
export function stolenTime(stat: string): number {
  const [, ...fields] = /^cpu .*$/m.exec(stat)?.[0].trim().split(/\s+/) ?? [];
  return Number(fields[STEAL] ?? 0) * TICK;
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
