import type { Clock } from '../../src/pmu/index.ts';

interface Alarm {
  at: number;
  /** Alarms of the same time go off in the order in which they were set. */
  order: number;
  callback: () => void;
}

/** Time that passes only when nothing else happens. */
export class FakeClock implements Clock {
  #now: number;
  #order = 0;
  /** Binary heap. */
  readonly #alarms: Alarm[] = [];

  constructor(start = 1000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  wake(at: number, callback: () => void): () => void {
    let called = false;
    this.#push({
      at: Math.max(at, this.#now),
      order: this.#order++,
      callback: () => {
        if (!called) callback();
      },
    });
    return () => {
      called = true;
    };
  }

  /** Lets time pass until `until` says so, or nothing is left to happen, or `limit` ms are over. */
  run(until: () => boolean, limit: number): void {
    const end = this.#now + limit;
    while (!until()) {
      const alarm = this.#pop();
      if (!alarm) return;
      if (alarm.at > end) {
        this.#push(alarm);
        this.#now = end;
        return;
      }
      this.#now = alarm.at;
      alarm.callback();
    }
  }

  #push(alarm: Alarm): void {
    const heap = this.#alarms;
    let at = heap.push(alarm) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (before(heap[parent]!, alarm)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = alarm;
  }

  #pop(): Alarm | undefined {
    const heap = this.#alarms;
    const first = heap[0];
    const last = heap.pop();
    if (!first || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (before(last!, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last!;
    return first;
  }
}

function before(a: Alarm, b: Alarm): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
