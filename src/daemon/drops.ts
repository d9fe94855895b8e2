import type { DropReason } from '../overlay/index.ts';

/** Adds up drops by reason and reports each reason at most once an interval, so that a flood of drops is no flood of reports. */
export class DropReport {
  readonly #pending = new Map<DropReason, { count: number; reportedAt: number }>();
  readonly #interval: number;
  readonly #report: (reason: DropReason, count: number) => void;

  /** @param interval ms */
  constructor(interval: number, report: (reason: DropReason, count: number) => void) {
    this.#interval = interval;
    this.#report = report;
  }

  /** Reports at once unless the same reason was reported less than an interval ago. */
  add(reason: DropReason, now: number): void {
    const entry = this.#pending.get(reason) ?? { count: 0, reportedAt: Number.NEGATIVE_INFINITY };
    this.#pending.set(reason, entry);
    entry.count++;
    if (now - entry.reportedAt >= this.#interval) this.#send(reason, entry, now);
  }

  /** Reports what has been waiting for an interval; everything with `all`. */
  flush(now: number, all = false): void {
    for (const [reason, entry] of this.#pending) {
      if (entry.count > 0 && (all || now - entry.reportedAt >= this.#interval)) this.#send(reason, entry, now);
    }
  }

  #send(reason: DropReason, entry: { count: number; reportedAt: number }, now: number): void {
    this.#report(reason, entry.count);
    entry.count = 0;
    entry.reportedAt = now;
  }
}
