import { POLLIN } from './constants.ts';
import { ppoll } from './libc.ts';

/** Bytes of a `struct pollfd` and where its fields are. */
const POLLFD = { size: 8, events: 4, revents: 6 } as const;

/** Of one wait: whoever asks for more waits again. */
const MOST_SECONDS = 0x7fffffff;

/**
 * Waits for input on a fixed set of descriptors, with nanosecond timeouts.
 * For a worker thread that does nothing else: the thread sleeps in the kernel, and its event loop with it.
 */
export class Poller {
  readonly #fds: readonly number[];
  readonly #set: Buffer;
  readonly #timeout = Buffer.alloc(16);

  constructor(fds: readonly number[]) {
    this.#fds = fds;
    this.#set = Buffer.alloc(Math.max(1, fds.length) * POLLFD.size);
    fds.forEach((fd, i) => {
      this.#set.writeInt32LE(fd, i * POLLFD.size);
      this.#set.writeInt16LE(POLLIN, i * POLLFD.size + POLLFD.events);
    });
  }

  /**
   * Sleeps until a descriptor has input, at most `timeout` ms (fractions count; `Infinity`: without end), and calls
   * `ready` with the position of each one that has.
   */
  wait(timeout: number, ready: (index: number) => void): void {
    let timespec: Buffer | null = null;
    if (timeout !== Number.POSITIVE_INFINITY) {
      const ns = Math.max(0, Math.round(timeout * 1e6));
      // Both fit into the lower halves of their fields; big integers would be garbage, a hundred thousand times a second.
      this.#timeout.writeUInt32LE(Math.min(MOST_SECONDS, Math.floor(ns / 1e9)), 0);
      this.#timeout.writeUInt32LE(ns % 1e9, 8);
      timespec = this.#timeout;
    }
    let left = ppoll(this.#set, this.#fds.length, timespec);
    for (let i = 0; left > 0 && i < this.#fds.length; i++) {
      if (this.#set.readInt16LE(i * POLLFD.size + POLLFD.revents) !== 0) {
        left--;
        ready(i);
      }
    }
  }
}
