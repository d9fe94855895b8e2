import { CLOCK_MONOTONIC, CLOCK_REALTIME } from './constants.ts';
import { clockGettime } from './libc.ts';

/** How often the pair of clocks is read: the tightest of the readings counts, so a preemption between them does no harm. */
const READINGS = 5;

const time = Buffer.alloc(16);

/** ns, exact. */
function nanoseconds(clock: number): bigint {
  clockGettime(clock, time);
  return time.readBigInt64LE(0) * 1_000_000_000n + time.readBigInt64LE(8);
}

/** ms on CLOCK_MONOTONIC: the clock of everything that is measured. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * CLOCK_REALTIME − CLOCK_MONOTONIC, in ns: subtract it from a kernel timestamp to compare that with `monotonicNow()`.
 * Both clocks are slewed together, so it changes only when somebody sets the time: ask again now and then.
 */
export function realtimeOffset(): bigint {
  let best = 0n;
  let narrowest: bigint | undefined;
  for (let i = 0; i < READINGS; i++) {
    const before = nanoseconds(CLOCK_MONOTONIC);
    const real = nanoseconds(CLOCK_REALTIME);
    const after = nanoseconds(CLOCK_MONOTONIC);
    if (narrowest === undefined || after - before < narrowest) {
      narrowest = after - before;
      best = real - (before + after) / 2n;
    }
  }
  return best;
}
