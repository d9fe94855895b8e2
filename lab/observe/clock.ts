import { realtimeOffset } from '../../src/kernel/index.ts';

const SECOND = 1_000_000_000n;

/** Turns the kernel's times of frames (CLOCK_REALTIME) into those of everything else here (ms on CLOCK_MONOTONIC), to the nanosecond. */
export class KernelClock {
  #seconds = 0;
  #nanoseconds = 0;

  constructor() {
    this.sample();
  }

  /** Measures again how far the clocks are apart. Call it often: the time of day may be set during a run. */
  sample(): void {
    const offset = realtimeOffset();
    this.#seconds = Number(offset / SECOND);
    this.#nanoseconds = Number(offset % SECOND);
  }

  toMonotonic(seconds: number, nanoseconds: number): number {
    return (seconds - this.#seconds) * 1e3 + (nanoseconds - this.#nanoseconds) / 1e6;
  }
}
