import type { Socket } from 'node:dgram';
import { BierHeader, decodeHeader } from '../bier/index.ts';
import type { Batch } from '../mrouter/index.ts';
import { type Endpoint, IPV6_HEADER_BYTES } from '../overlay/index.ts';
import { BATCH_LIMIT, UDP_PAYLOAD_LIMIT } from './constants.ts';

/** What is needed of the socket under it: how long its datagrams are, and how to make it an ordinary one. */
export interface Segmenting {
  readonly segment: number;
  stopSegmenting(): void;
}

/** Datagrams on their way to one place, one after the other. */
interface Gathered {
  readonly endpoint: Endpoint;
  readonly bytes: Uint8Array;
  /** Bytes of the header that all of them have. */
  readonly headerBytes: number;
  length: number;
  count: number;
  readonly onError: (error: Error) => void;
}

/** Messages of the greatest length that are kept for the next ones. */
const SPARE_MESSAGES = 4;

/** What the kernel says when the device on the way cannot cut datagrams, or carries only shorter ones. */
const CANNOT_SEGMENT = new Set(['EIO', 'EINVAL']);

/**
 * Gathers datagrams of full length and with the same header that leave for the same place in the same turn of the event loop, and gives them to the kernel as one message,
 * which it cuts into the datagrams again (UDP GSO): sockets, devices and switches are gone through once, not once for each.
 */
export class SegmentedSender {
  readonly #socket: Pick<Socket, 'send'>;
  readonly #segmenting: Segmenting;
  readonly #limit: number;
  readonly #gathered = new Map<number, Gathered>();
  readonly #spare: Uint8Array[] = [];
  #able = true;

  constructor(socket: Pick<Socket, 'send'>, segmenting: Segmenting) {
    this.#socket = socket;
    this.#segmenting = segmenting;
    this.#limit = Math.min(BATCH_LIMIT, Math.floor(UDP_PAYLOAD_LIMIT / segmenting.segment));
  }

  /**
   * Takes a datagram, unless it has to leave alone. Its bytes may change afterwards.
   * @param onError called for each datagram that could not be sent
   */
  take(endpoint: Endpoint, header: Uint8Array, inner: Uint8Array, onError: (error: Error) => void): boolean {
    const { segment } = this.#segmenting;
    const length = header.length + inner.length;
    let gathered = this.#gathered.get(endpoint.key);
    // A filter at the other end may look at the first of them only.
    if (gathered && !beginsWith(gathered, header)) {
      this.#finish(gathered);
      gathered = undefined;
    }
    if (!this.#able || length > segment || (length < segment && !gathered)) return false;
    if (!gathered) {
      if (this.#gathered.size === 0) queueMicrotask(() => this.#flush());
      const bytes = this.#takeSpare();
      gathered = { endpoint, bytes, headerBytes: header.length, length: 0, count: 0, onError };
      this.#gathered.set(endpoint.key, gathered);
    }
    gathered.bytes.set(header, gathered.length);
    gathered.bytes.set(inner, gathered.length + header.length);
    gathered.length += length;
    gathered.count++;
    // Only the last of them may be shorter.
    if (length < segment || gathered.count === this.#limit) this.#finish(gathered);
    return true;
  }

  /**
   * Takes datagrams of full length that lie one after another in one buffer, as few messages, unless they have to leave one by one.
   * @param lent the bytes may change afterwards
   * @param onError called for each datagram that could not be sent
   */
  takeBatch(endpoint: Endpoint, { bytes, size }: Batch, lent: boolean, onError: (error: Error) => void): boolean {
    if (!this.#able || size !== this.#segmenting.segment) return false;
    // What came before goes before.
    const gathered = this.#gathered.get(endpoint.key);
    if (gathered) this.#finish(gathered);
    for (let at = 0; at < bytes.length; at += this.#limit * size) {
      const part = bytes.subarray(at, at + this.#limit * size);
      if (lent) this.#sendCopy(endpoint, part, part.length / size, onError);
      else this.#sendPart(endpoint, part, part.length / size, onError);
    }
    return true;
  }

  /** To be told of every error of the socket: from the first that says so on, each datagram leaves alone. */
  failed(error: Error): void {
    if (!this.#able || !CANNOT_SEGMENT.has((error as NodeJS.ErrnoException).code ?? '')) return;
    this.#able = false;
    this.#segmenting.stopSegmenting();
  }

  #finish(gathered: Gathered): void {
    this.#gathered.delete(gathered.endpoint.key);
    this.#send(gathered);
  }

  #flush(): void {
    for (const gathered of this.#gathered.values()) this.#send(gathered);
    this.#gathered.clear();
  }

  #sendPart({ address, port }: Endpoint, bytes: Uint8Array, count: number, onError: (error: Error) => void): void {
    this.#socket.send(bytes, port, address, (error) => {
      for (let i = 0; error && i < count; i++) onError(error);
    });
  }

  #sendCopy(endpoint: Endpoint, part: Uint8Array, count: number, onError: (error: Error) => void): void {
    const bytes = this.#takeSpare();
    bytes.set(part);
    this.#send({ endpoint, bytes, headerBytes: 0, length: part.length, count, onError });
  }

  #takeSpare(): Uint8Array {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#limit * this.#segmenting.segment);
  }

  #send({ endpoint, bytes, length, count, onError }: Gathered): void {
    this.#socket.send(bytes, 0, length, endpoint.port, endpoint.address, (error) => {
      if (this.#spare.length < SPARE_MESSAGES) this.#spare.push(bytes);
      for (let i = 0; error && i < count; i++) onError(error);
    });
  }
}

function beginsWith({ bytes, headerBytes }: Gathered, header: Uint8Array): boolean {
  if (header.length !== headerBytes) return false;
  for (let i = 0; i < headerBytes; i++) if (bytes[i] !== header[i]) return false;
  return true;
}

const header = new BierHeader();

/**
 * Bytes of the first datagram in a message: all others in it, but for the last, are as long (UDP GRO). What is no overlay datagram is taken as one.
 */
export function datagramLength(message: Uint8Array): number {
  if (decodeHeader(message, header) !== undefined) return message.length;
  const start = header.length;
  if (message.length < start + IPV6_HEADER_BYTES) return message.length;
  const length = start + IPV6_HEADER_BYTES + ((message[start + 4]! << 8) | message[start + 5]!);
  return Math.min(length, message.length);
}
