import { closeSync } from 'node:fs';
import koffi from 'koffi';
import {
  AF_INET,
  MSG_DONTWAIT,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
} from './constants.ts';
import { bind, type SystemCallError, sendmmsg, setsockopt, socket } from './libc.ts';
import { type MessageHandler, MessageReceiver } from './message-receiver.ts';
import { MessageSender, type SendLimits } from './message-sender.ts';
import { integer, socketAddress, socketDrops } from './udp-socket.ts';

/** Messages are taken for so many system calls before others on the event loop have a turn. */
const CALLS_A_TURN = 2;

export interface MessageSocketOptions {
  /** IPv4 address as a number. */
  address: number;
  port: number;
  /** Bytes asked for each of the socket's buffers; the kernel's rmem_max and wmem_max may grant less. */
  buffer: number;
  sending: SendLimits;
  onMessage: MessageHandler;
  /** So many datagrams will not be sent; no error when too many wait. */
  onDrop: (error: SystemCallError | undefined, datagrams: number) => void;
}

/**
 * A UDP socket that is gone through once for many datagrams, on the event loop of the main thread, which it never blocks. What is sent in one
 * turn of the loop leaves at its end.
 */
export class MessageSocket {
  readonly #fd: number;
  readonly #receiver: MessageReceiver;
  readonly #sender: MessageSender;
  readonly #options: MessageSocketOptions;
  readonly #poll: ReturnType<typeof koffi.node.poll>;
  #flushing = false;
  #awaitsRoom = false;
  #closed = false;

  /** Binds, and listens. @throws SystemCallError with the code of the system, such as EADDRINUSE; ENOPROTOOPT before Linux 5.0 */
  constructor(options: MessageSocketOptions) {
    const { address, port, buffer, sending, onDrop } = options;
    this.#options = options;
    this.#fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    try {
      setsockopt(this.#fd, SOL_UDP, UDP_GRO, integer(1));
      for (const option of [SO_RCVBUF, SO_SNDBUF]) setsockopt(this.#fd, SOL_SOCKET, option, integer(buffer));
      bind(this.#fd, socketAddress(address, port));
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
    this.#receiver = new MessageReceiver(this.#fd);
    this.#sender = new MessageSender(
      (messages, count) => sendmmsg(this.#fd, messages, count, MSG_DONTWAIT),
      sending,
      onDrop,
    );
    this.#poll = koffi.node.poll(this.#fd, { readable: true }, () => this.#ready());
  }

  /** Sends one datagram whose parts lie apart; both may change at once. @param to IPv4 address × 65536 + port */
  send(to: number, header: Uint8Array, inner: Uint8Array): void {
    if (this.#closed) return;
    this.#sender.add(to, header, inner);
    this.#flushSoon();
  }

  /** Sends datagrams that lie one after another, `size` bytes each, the last one may be shorter; they may change at once. */
  sendBatch(to: number, bytes: Uint8Array, size: number): void {
    if (this.#closed) return;
    this.#sender.addBatch(to, bytes, size);
    this.#flushSoon();
  }

  /** All that one turn of the event loop sends leaves together. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  /** See `socketDrops`. */
  drops(): number {
    return this.#closed ? 0 : socketDrops(this.#fd);
  }

  /** What waits is sent, as far as there is room. */
  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#poll.close();
    closeSync(this.#fd);
  }

  #ready(): void {
    try {
      for (let call = 0; call < CALLS_A_TURN && !this.#closed; call++) {
        if (!this.#receiver.receive(this.#options.onMessage)) break;
      }
    } catch {
      // The error of an earlier datagram, such as "nobody listens there": the next one may fare better.
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#closed) return;
    this.#sender.flush();
    const { blocked } = this.#sender;
    if (blocked === this.#awaitsRoom) return;
    this.#awaitsRoom = blocked;
    this.#poll.stop();
    this.#poll.start({ readable: true, writable: blocked }, () => this.#ready());
  }
}
