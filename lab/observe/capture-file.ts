import { closeSync, openSync, writeSync } from 'node:fs';
import { enhancedPacket, interfaceDescription, type Packet, sectionHeader } from './pcapng.ts';

/** How much is gathered before it is written, bytes. */
const CHUNK = 1 << 20;

/**
 * Writes a merged capture in order of time. Frames of different namespaces come out of order, but no frame comes later than
 * `lateness` ms after it was seen, so a frame may be written when it is older than that.
 */
export class CaptureFile {
  readonly #fd: number;
  readonly #snapLength: number;
  readonly #lateness: number;
  #waiting: { time: number; block: Buffer }[] = [];
  #chunk: Buffer[] = [];
  #chunkBytes = 0;

  /** @param interfaces names of the link ends; packets refer to them by position. */
  constructor(path: string, interfaces: readonly string[], snapLength: number, lateness: number) {
    this.#fd = openSync(path, 'wx');
    this.#snapLength = snapLength;
    this.#lateness = lateness;
    this.#write(sectionHeader('castlab'));
    for (const name of interfaces) this.#write(interfaceDescription(name, snapLength));
  }

  /** @param time ms, the clock of `flush` */
  add(time: number, packet: Packet): void {
    const bytes = packet.bytes.subarray(0, this.#snapLength);
    this.#waiting.push({ time, block: enhancedPacket({ ...packet, bytes }) });
  }

  /** Writes what nothing can come before any more. */
  flush(now: number): void {
    const waiting = this.#waiting.sort((a, b) => a.time - b.time);
    const due = waiting.findIndex(({ time }) => time > now - this.#lateness);
    const ready = due < 0 ? waiting.length : due;
    for (let i = 0; i < ready; i++) this.#write(waiting[i]!.block);
    this.#waiting = waiting.slice(ready);
  }

  close(): void {
    this.flush(Number.POSITIVE_INFINITY);
    this.#writeChunk();
    closeSync(this.#fd);
  }

  #write(block: Buffer): void {
    this.#chunk.push(block);
    this.#chunkBytes += block.length;
    if (this.#chunkBytes >= CHUNK) this.#writeChunk();
  }

  #writeChunk(): void {
    const bytes = Buffer.concat(this.#chunk);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#chunk = [];
    this.#chunkBytes = 0;
  }
}
