import { LONGEST_NAP, NAP_LEAD, TIMER_LEAD, TIMER_THRESHOLD } from './constants.ts';

/** Time, and being called at a time. Tests have one of their own. */
export interface Clock {
  /** ms, monotonic. */
  now(): number;
  /** Calls back at `at` ms or as soon after as can be. Returns what calls it off. */
  wake(at: number, callback: () => void): () => void;
}

const now = () => Number(process.hrtime.bigint()) / 1e6;

/** Longest time that a timer of Node can be set for, ms. */
const LONGEST_TIMER = 0x7fff_ffff;

/**
 * For pacing: CLOCK_MONOTONIC, exact to some µs. Node's timers know whole milliseconds only, so the last stretch before
 * the wanted time is passed in naps, with turns of the event loop between them, which keep handling what comes in meanwhile.
 */
export const exactClock: Clock = clock((left, wait) =>
  left <= TIMER_THRESHOLD ? afterNap(left, wait) : afterTimer(left - TIMER_LEAD, wait),
);

/** For deadlines: up to a millisecond or two late, and costs nothing while it waits. */
export const coarseClock: Clock = clock((left, wait) => afterTimer(Math.ceil(left), wait));

/** What calls a wait off. */
type Cancel = () => void;

function clock(sleep: (left: number, wait: () => void) => Cancel): Clock {
  return {
    now,
    wake(at, callback) {
      let cancel: Cancel;
      const wait = () => {
        const left = at - now();
        // Never straight from a timer: what has come in by now is handled before a deadline is taken to have passed.
        cancel = left <= 0 ? nextTurn(callback) : sleep(left, wait);
      };
      wait();
      return () => cancel();
    },
  };
}

/** Nobody ever wakes it. */
const bed = new Int32Array(new SharedArrayBuffer(4));

/** Takes a turn and then, as long as there is time, lets others have the processor for a moment. */
function afterNap(left: number, wait: () => void): Cancel {
  const end = now() + left - NAP_LEAD;
  return nextTurn(() => {
    const nap = Math.min(LONGEST_NAP, end - now());
    if (nap > 0) Atomics.wait(bed, 0, 0, nap);
    wait();
  });
}

function nextTurn(callback: () => void): Cancel {
  const immediate = setImmediate(callback);
  return () => clearImmediate(immediate);
}

function afterTimer(ms: number, callback: () => void): Cancel {
  const timer = setTimeout(callback, Math.min(ms, LONGEST_TIMER));
  return () => clearTimeout(timer);
}
