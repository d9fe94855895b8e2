import { fstatSync, write, writeSync } from 'node:fs';
import { monotonicNow } from './clock.ts';
import { EVENT_FLUSH_BYTES, EVENT_FLUSH_DELAY } from './constants.ts';

type Fields = Record<string, unknown>;

/**
 * Structured events as JSON lines (`t` in ms on CLOCK_MONOTONIC, `node`, `event`, then the event's own fields) to a file descriptor
 * that the parent process opened. Lines are gathered for a few ms, written in order and in whole, and never block the event loop.
 */
export class EventStream {
  readonly #fd: number | undefined;
  readonly #node: string;
  #lines = '';
  #writing = false;
  /** Whether a write may wait for the reader, which the event loop must not. */
  #waits = true;
  #timer: NodeJS.Timeout | undefined;
  /** Called when everything is written. */
  #drained: (() => void)[] = [];

  /** @param fd none: events go nowhere */
  constructor(node: string, fd: number | undefined) {
    this.#node = node;
    this.#fd = fd;
  }

  /**
   * Has the event loop write lines itself where it never has to wait for the reader: a few hundred bytes cost less than waking a thread to write
   * them. Only on a socket, which is what a parent process in Node.js opens and shares with nobody.
   */
  async writeAtOnce(): Promise<void> {
    if (this.#fd === undefined || !fstatSync(this.#fd).isSocket()) return;
    const kernel = await import('../kernel/non-blocking.ts').catch(() => undefined);
    kernel?.setNonBlocking(this.#fd);
    this.#waits = kernel === undefined;
  }

  /** @param of fields that come before the others */
  emit(event: string, fields: Fields = {}, time = monotonicNow(), of: Fields = {}): void {
    if (this.#fd === undefined) return;
    // Put together as text: to copy objects into one takes longer than to write them.
    const head = JSON.stringify({ t: time, node: this.#node, event });
    this.#lines += `${head.slice(0, -1)}${more(of)}${more(fields)}}\n`;
    if (this.#lines.length >= EVENT_FLUSH_BYTES) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), EVENT_FLUSH_DELAY);
  }

  /**
   * Resolves when every event is written, or can no longer be; undefined when that is so already: a reader that keeps up has them at once. What
   * is written survives this process.
   */
  written(): Promise<void> | undefined {
    this.flushNow();
    if (!this.#writing) return undefined;
    return new Promise((resolve) => {
      this.#drained.push(resolve);
    });
  }

  /** Resolves when every event is written, or can no longer be. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.written();
  }

  /** Writes what can be written at once: all, for a process that ends without warning, unless the reader is behind. */
  flushNow(): void {
    if (this.#fd === undefined || this.#writing) return;
    let bytes: Uint8Array = Buffer.from(this.#lines);
    this.#lines = '';
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#fd, bytes));
    } catch (error) {
      // Else nobody reads any more.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') this.#begin(bytes);
    }
  }

  #begin(bytes: Uint8Array): void {
    this.#writing = true;
    this.#write(bytes);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#waits) this.flushNow();
    if (this.#writing) return;
    if (this.#lines === '') {
      for (const drained of this.#drained.splice(0)) drained();
      return;
    }
    const bytes = Buffer.from(this.#lines);
    this.#lines = '';
    this.#begin(bytes);
  }

  #write(bytes: Uint8Array): void {
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

/** Fields as JSON, without braces, to follow others. */
function more(fields: Fields): string {
  const inner = JSON.stringify(fields).slice(1, -1);
  return inner === '' ? '' : `,${inner}`;
}
