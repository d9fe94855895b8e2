import type { Socket } from 'node:net';
import { dscpOf } from '../bier/index.ts';
import { isHello } from '../mrouter/index.ts';
import { DSCP_SOLICITED, type Target } from '../overlay/index.ts';
import { SILENT_INTERVALS, WRITE_AHEAD_BYTES } from './constants.ts';
import { Deframer, frame, sayAndClose } from './framing.ts';
import { SendQueue } from './send-queue.ts';

/** What a connection tells its owner. */
export interface ConnectionEvents {
  onDatagram(datagram: Buffer, peer: Target): void;
  /** The socket is gone; what waits in the queue stays. */
  onDown(peer: Target, reason: string): void;
  /** So many datagrams will not be sent. */
  onDrop(reason: 'send-queue-full' | 'send-error' | 'not-owner', count: number): void;
}

/** This host's end of the connection to another zone: the queue, and the socket while there is one. */
export class ZoneConnection {
  readonly #events: ConnectionEvents;
  readonly #queue: SendQueue;
  #socket: Socket | undefined;
  #peer: Target | undefined;
  /** Intervals in a row without a byte from the other end. */
  #silent = 0;
  readonly #written = (error?: Error | null) => {
    if (error) this.#events.onDrop('send-error', 1);
  };

  /** @param queue bytes that wait at most */
  constructor(queue: number, events: ConnectionEvents) {
    this.#events = events;
    this.#queue = new SendQueue(queue);
  }

  get peer(): Target | undefined {
    return this.#peer;
  }

  /** Bytes and datagrams that wait. */
  get waiting(): { bytes: number; datagrams: number } {
    return { bytes: this.#queue.bytes, datagrams: this.#queue.length };
  }

  /** Takes a socket into use, in place of the one before. @param rest what has been read from it already, taken apart */
  use(socket: Socket, peer: Target, deframer = new Deframer()): void {
    this.drop('replaced by a newer one');
    this.#socket = socket;
    this.#peer = peer;
    this.#silent = 0;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#silent = 0;
      deframer.push(chunk, (datagram) => {
        if (this.#socket === socket) this.#events.onDatagram(datagram, peer);
      });
    });
    socket.on('drain', () => this.#pump());
    socket.once('close', () => {
      if (this.#socket === socket) this.drop('closed by the other end');
    });
    this.#pump();
  }

  /** Queues one datagram; a hello goes before all others, or nowhere: it is about now. */
  send(header: Uint8Array, inner: Uint8Array): void {
    if (isHello(header)) {
      this.#socket?.write(frame(header, inner));
      return;
    }
    const dropped = this.#queue.push(frame(header, inner), dscpOf(header) === DSCP_SOLICITED);
    if (dropped > 0) this.#events.onDrop('send-queue-full', dropped);
    this.#pump();
  }

  /** Ends an interval: a connection that has been silent for too long is given up. */
  tick(): void {
    if (this.#socket && ++this.#silent > SILENT_INTERVALS) this.drop('silent');
  }

  /** Gives the socket up, if there is one. @param last a datagram to say goodbye with */
  drop(reason: string, last?: Uint8Array): void {
    const socket = this.#socket;
    if (!socket) return;
    const peer = this.#peer!;
    this.#socket = undefined;
    this.#peer = undefined;
    if (last) sayAndClose(socket, last);
    else socket.destroy();
    this.#events.onDown(peer, reason);
  }

  /** Ends for good: what waits is lost. */
  close(reason: string, last?: Uint8Array): void {
    this.drop(reason, last);
    const left = this.#queue.length;
    while (this.#queue.shift());
    if (left > 0) this.#events.onDrop('not-owner', left);
  }

  #pump(): void {
    const socket = this.#socket;
    if (!socket || this.#queue.length === 0 || socket.writableLength >= WRITE_AHEAD_BYTES) return;
    // One system call for all that is sent in one turn of the event loop.
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    while (socket.writableLength < WRITE_AHEAD_BYTES) {
      const next = this.#queue.shift();
      if (!next) return;
      socket.write(next, this.#written);
    }
  }
}
