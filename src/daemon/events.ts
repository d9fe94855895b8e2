import { write, writeSync } from 'node:fs';
import { monotonicNow } from './clock.ts';
import { EVENT_FLUSH_BYTES, EVENT_FLUSH_DELAY } from './constants.ts';

/**
 * Structured events as JSON lines (`t` in ms on CLOCK_MONOTONIC, `node`, `event`, then the event's own fields) to a file descriptor
 * that the parent process opened. Lines are gathered for a few ms, written in order and in whole, and never block the event loop.
 */
export class EventStream {
  readonly #fd: number | undefined;
  readonly #node: string;
  #lines = '';
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  /** Called when everything is written. */
  #drained: (() => void) | undefined;

  /** @param fd none: events go nowhere */
  constructor(node: string, fd: number | undefined) {
    this.#node = node;
    this.#fd = fd;
  }

  emit(event: string, fields: Record<string, unknown> = {}, time = monotonicNow()): void {
    if (this.#fd === undefined) return;
    this.#lines += `${JSON.stringify({ t: time, node: this.#node, event, ...fields })}\n`;
    if (this.#lines.length >= EVENT_FLUSH_BYTES) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), EVENT_FLUSH_DELAY);
  }

  /** Resolves when every event is written, or can no longer be. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      this.#flush();
    });
  }

  /** For a process that ends without warning: writes what can be written at once. */
  flushNow(): void {
    if (this.#fd === undefined || this.#writing || this.#lines === '') return;
    try {
      writeSync(this.#fd, this.#lines);
    } catch {
      // Nobody reads any more.
    }
    this.#lines = '';
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing) return;
    if (this.#lines === '') {
      this.#drained?.();
      return;
    }
    this.#writing = true;
    const bytes = Buffer.from(this.#lines);
    this.#lines = '';
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    write(this.#fd!, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#write(bytes), EVENT_FLUSH_DELAY);
      else if (!error && written < bytes.length) this.#write(bytes.subarray(written));
      else {
        this.#writing = false;
        // A reader that has gone does not come back.
        if (error) this.#lines = '';
        this.#flush();
      }
    });
  }
}
