import { MSG_DONTWAIT, SOL_UDP, UDP_GRO } from './constants.ts';
import { recvmmsg } from './libc.ts';
import { addressOf, CMSG, IOVEC, MMSGHDR, SOCKADDR_IN, StructMemory } from './memory.ts';

/** Messages that one system call takes at most. */
const MESSAGES = 16;
/** Bytes of the longest one: what UDP GRO puts together is no longer than an IPv4 packet. */
const WINDOW = 65_536;

/**
 * @param bytes the receiver's to keep: datagrams one after the other
 * @param size bytes of each of them, the last one may be shorter
 * @param from source: IPv4 address × 65536 + port
 */
export type MessageHandler = (bytes: Buffer, size: number, from: number) => void;

/** Takes what waits at a UDP socket, many messages a system call, each one or many datagrams of one length (UDP_GRO). */
export class MessageReceiver {
  readonly #fd: number;
  readonly #headers = new StructMemory(MESSAGES * MMSGHDR.size);
  readonly #iovecs = new StructMemory(MESSAGES * IOVEC.size);
  readonly #names = new StructMemory(MESSAGES * SOCKADDR_IN.size);
  readonly #controls = new StructMemory(MESSAGES * CMSG.size);
  readonly #windows = Buffer.allocUnsafeSlow(MESSAGES * WINDOW);

  constructor(fd: number) {
    this.#fd = fd;
    const windows = addressOf(this.#windows);
    for (let i = 0; i < MESSAGES; i++) {
      const header = i * MMSGHDR.size;
      this.#headers.set64(header + MMSGHDR.name, this.#names.address + i * SOCKADDR_IN.bytes);
      this.#headers.set64(header + MMSGHDR.iov, this.#iovecs.address + i * IOVEC.size * 4);
      this.#headers.set64(header + MMSGHDR.iovCount, 1);
      this.#headers.set64(header + MMSGHDR.control, this.#controls.address + i * CMSG.bytes);
      this.#iovecs.set64(i * IOVEC.size + IOVEC.base, windows + i * WINDOW);
      this.#iovecs.set64(i * IOVEC.size + IOVEC.length, WINDOW);
      this.#makeReady(i);
    }
  }

  /** @returns whether there may be more. @throws SystemCallError when something is wrong with the socket */
  receive(handle: MessageHandler): boolean {
    const count = recvmmsg(this.#fd, this.#headers.bytes, MESSAGES, MSG_DONTWAIT);
    for (let i = 0; i < count; i++) {
      const length = this.#headers.words[i * MMSGHDR.size + MMSGHDR.received]!;
      const size = this.#segmentOf(i) ?? length;
      const name = this.#names.bytes;
      const from = name.readUInt32BE(i * SOCKADDR_IN.bytes + 4) * 65_536 + name.readUInt16BE(i * SOCKADDR_IN.bytes + 2);
      this.#makeReady(i);
      handle(copyOf(this.#windows, i * WINDOW, length), size, from);
    }
    return count === MESSAGES;
  }

  /** The kernel has changed these. */
  #makeReady(i: number): void {
    const header = i * MMSGHDR.size;
    this.#headers.words[header + MMSGHDR.nameSize] = SOCKADDR_IN.bytes;
    this.#headers.set64(header + MMSGHDR.controlSize, CMSG.bytes);
    this.#headers.words[header + MMSGHDR.flags] = 0;
  }

  /** Bytes of each datagram of a message that has several. */
  #segmentOf(i: number): number | undefined {
    const { words } = this.#controls;
    const at = i * CMSG.size;
    if (this.#headers.words[i * MMSGHDR.size + MMSGHDR.controlSize]! <= CMSG.headBytes) return undefined;
    return words[at + CMSG.level] === SOL_UDP && words[at + CMSG.type] === UDP_GRO ? words[at + CMSG.data] : undefined;
  }
}

function copyOf(memory: Buffer, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  memory.copy(bytes, 0, start, start + length);
  return bytes;
}
