/** ms on CLOCK_MONOTONIC, fractions included. Here, and not from src/kernel, so that a node need not load the FFI just for this. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
