import { closeSync, openSync, writeSync } from 'node:fs';
import { interfaceDescription, type Packet, packetBlockSize, sectionHeader, writePacketBlock } from './pcapng.ts';

/** Room for blocks that wait, at first, in words of 4 bytes. */
const FIRST_ROOM = 1 << 18;

/** How much of a frame is kept, bytes: the whole of one that is no longer than `whole`, of others the first `head`. */
export interface Snap {
  whole: number;
  head: number;
}

/** A block in the room of those that wait; places in words. */
interface Waiting {
  /** ms, the clock of `flush` */
  time: number;
  start: number;
  end: number;
}

/**
 * Writes a merged capture in order of time. Frames of different namespaces come out of order, but none comes later than `lateness` ms after
 * it was seen, so a frame may be written when it is older than that.
 */
export class CaptureFile {
  readonly #fd: number;
  readonly #snap: Snap;
  readonly #lateness: number;
  #room = new Uint32Array(FIRST_ROOM);
  /** The next room: two of them take turns. */
  #spare = new Uint32Array(FIRST_ROOM);
  #used = 0;
  #waiting: Waiting[] = [];

  /**
   * @param path of a file that does not exist yet, or a descriptor to write to.
   * @param interfaces names of the link ends; packets refer to them by position.
   */
  constructor(path: string | number, interfaces: readonly string[], snap: Snap, lateness: number) {
    this.#fd = typeof path === 'number' ? path : openSync(path, 'wx');
    this.#snap = snap;
    this.#lateness = lateness;
    const descriptions = interfaces.map((name) => interfaceDescription(name, Math.max(snap.whole, snap.head)));
    this.#write(Buffer.concat([sectionHeader('castlab'), ...descriptions]));
  }

  /** @param time ms, the clock of `flush` */
  add(time: number, packet: Packet): void {
    const { whole, head } = this.#snap;
    if (packet.bytes.length > whole) packet.bytes = packet.bytes.subarray(0, head);
    const start = this.#used;
    const end = start + packetBlockSize(packet.bytes.length) / 4;
    if (end > this.#room.length) this.#room = larger(this.#room);
    writePacketBlock(this.#room, start, packet);
    this.#waiting.push({ time, start, end });
    this.#used = end;
  }

  /** Writes what nothing can come before any more. */
  flush(now: number): void {
    const due = now - this.#lateness;
    const waiting = this.#waiting.sort((a, b) => a.time - b.time);
    const room = this.#room;
    if (this.#spare.length < room.length) this.#spare = new Uint32Array(room.length);
    const next = this.#spare;
    let used = 0;
    let written = 0;
    let ready = 0;
    for (const block of waiting) {
      const start = used;
      for (let from = block.start; from < block.end; from++) next[used++] = room[from]!;
      block.start = start;
      block.end = used;
      if (block.time > due) continue;
      ready++;
      written = used;
    }
    this.#write(Buffer.from(next.buffer, 0, written * 4));
    this.#waiting = waiting.slice(ready);
    this.#room = next;
    this.#spare = room;
    this.#used = this.#waiting.length === 0 ? 0 : used;
  }

  close(): void {
    this.flush(Number.POSITIVE_INFINITY);
    closeSync(this.#fd);
  }

  #write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
  }
}

function larger(room: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(room.length * 2);
  result.set(room);
  return result;
}
