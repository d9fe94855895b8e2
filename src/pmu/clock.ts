import { TIMER_LEAD, TIMER_THRESHOLD } from './constants.ts';

/** Time, and being called at a time. Tests have one of their own. */
export interface Clock {
  /** ms, monotonic. */
  now(): number;
  /** Calls back at `at` ms or as soon after as can be. Returns what calls it off. */
  wake(at: number, callback: () => void): () => void;
}

/**
 * The real clock: CLOCK_MONOTONIC. Node's timers know whole milliseconds only, so the last stretch before the wanted
 * time is passed in turns of the event loop, which keep handling what comes in meanwhile.
 */
export const monotonicClock: Clock = {
  now: () => Number(process.hrtime.bigint()) / 1e6,
  wake(at, callback) {
    let called = false;
    let timer: NodeJS.Timeout | undefined;
    let immediate: NodeJS.Immediate | undefined;
    const wait = () => {
      if (called) return;
      const left = at - monotonicClock.now();
      if (left <= 0) {
        called = true;
        callback();
      } else if (left > TIMER_THRESHOLD) timer = setTimeout(wait, Math.min(left - TIMER_LEAD, 0x7fff_ffff));
      else immediate = setImmediate(wait);
    };
    // Never at once: what has come in by now is handled before a deadline is declared to have passed.
    immediate = setImmediate(wait);
    return () => {
      called = true;
      clearTimeout(timer);
      clearImmediate(immediate);
    };
  },
};
