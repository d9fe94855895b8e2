import { AF_INET, SOL_UDP, UDP_SEGMENT } from './constants.ts';
import type { SystemCallError } from './libc.ts';
import { addressOf, CMSG, IOVEC, MMSGHDR, SOCKADDR_IN, StructMemory } from './memory.ts';

/** Messages that one system call takes at most. */
const MESSAGES = 64;
/** Datagrams of one message at most, UDP_MAX_SEGMENTS of Linux before 6.9, and bytes: an IPv4 packet without its headers. */
const SEGMENTS = 64;
const MESSAGE_BYTES = 65_507;
/** Bytes that wait at most. */
const ARENA = 1 << 20;

/** What the kernel says when the device on the way cannot cut messages into datagrams. */
const CANNOT_SEGMENT = new Set(['EIO', 'EINVAL']);

/**
 * Sends messages of an array of `struct mmsghdr`, in order. @returns how many; −1 when there is no room
 * @throws SystemCallError when the first one cannot be sent
 */
export type SendMessages = (messages: Uint8Array, count: number) => number;

export interface SendLimits {
  /** Datagrams that wait at most when the socket has no room. */
  limit: number;
  /** Bytes of a datagram that fits a packet of the way: longer ones leave alone. */
  longest: number;
}

/** Datagrams to one place that leave as one message: all of one length, but for the last one. */
interface Outgoing {
  /** IPv4 address × 65536 + port */
  to: number;
  /** Bytes of each. */
  segment: number;
  datagrams: number;
  bytes: number;
  /** Where its bytes lie in the arena: start and length of each piece, in turn. */
  readonly pieces: number[];
}

/**
 * Gathers datagrams, and gives them to a UDP socket with few system calls: those to one place as one message that the kernel cuts into
 * datagrams as late as can be (UDP_SEGMENT, linux/udp.h), several messages a call. Datagrams to one place stay in order.
 */
export class MessageSender {
  readonly #send: SendMessages;
  readonly #limit: number;
  readonly #longest: number;
  readonly #dropped: (error: SystemCallError | undefined, datagrams: number) => void;
  readonly #headers = new StructMemory(MESSAGES * MMSGHDR.size);
  readonly #iovecs = new StructMemory(MESSAGES * SEGMENTS * IOVEC.size);
  readonly #names = new StructMemory(MESSAGES * SOCKADDR_IN.size);
  readonly #controls = new StructMemory(MESSAGES * CMSG.size);
  readonly #arena = Buffer.allocUnsafeSlow(ARENA);
  readonly #arenaAddress = addressOf(this.#arena);
  #used = 0;
  #waiting: Outgoing[] = [];
  #datagrams = 0;
  /** The message that more datagrams to a place may join. */
  readonly #open = new Map<number, Outgoing>();
  #segments = SEGMENTS;
  #blocked = false;

  /**
   * @param dropped told how many will not be sent, and why: no error when too many wait
   */
  constructor(
    send: SendMessages,
    { limit, longest }: SendLimits,
    dropped: (error: SystemCallError | undefined, datagrams: number) => void,
  ) {
    this.#send = send;
    this.#limit = limit;
    this.#longest = longest;
    this.#dropped = dropped;
  }

  /** Datagrams that wait. */
  get waiting(): number {
    return this.#datagrams;
  }

  /** Whether the socket had no room at the last try: it can be polled for some. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Takes a datagram whose two parts are copied: they may change at once. */
  add(to: number, header: Uint8Array, inner: Uint8Array): void {
    const length = header.length + inner.length;
    if (!this.#makeRoom(length, 1)) return;
    const start = this.#used;
    this.#arena.set(header, start);
    this.#arena.set(inner, start + header.length);
    this.#used += length;
    this.#join(to, start, length);
  }

  /** Takes datagrams that lie one after another, `size` bytes each, the last one may be shorter. They are copied too. */
  addBatch(to: number, bytes: Uint8Array, size: number): void {
    if (!this.#makeRoom(bytes.length, Math.ceil(bytes.length / size))) return;
    const start = this.#used;
    this.#arena.set(bytes, start);
    this.#used += bytes.length;
    for (let at = 0; at < bytes.length; at += size) this.#join(to, start + at, Math.min(size, bytes.length - at));
  }

  /** Sends what waits, as far as the socket has room. */
  flush(): void {
    this.#open.clear();
    while (this.#waiting.length > 0) {
      const count = this.#describe();
      let sent: number;
      try {
        sent = this.#send(this.#headers.bytes, count);
      } catch (error) {
        this.#refused(error as SystemCallError);
        continue;
      }
      this.#blocked = sent < 0;
      if (this.#blocked) return;
      for (const { datagrams } of this.#waiting.splice(0, sent)) this.#datagrams -= datagrams;
    }
    this.#blocked = false;
    this.#used = 0;
  }

  #makeRoom(length: number, datagrams: number): boolean {
    if (this.#used + length > ARENA && !this.#blocked) this.flush();
    const room = this.#used + length <= ARENA && !(this.#blocked && this.#datagrams >= this.#limit);
    if (!room) this.#dropped(undefined, datagrams);
    return room;
  }

  #join(to: number, start: number, length: number): void {
    this.#datagrams++;
    const open = this.#open.get(to);
    if (open && length <= open.segment && open.datagrams < this.#segments && open.bytes + length <= MESSAGE_BYTES) {
      const { pieces } = open;
      const last = pieces.length - 2;
      if (pieces[last]! + pieces[last + 1]! === start) pieces[last + 1]! += length;
      else pieces.push(start, length);
      open.datagrams++;
      open.bytes += length;
      if (length < open.segment) this.#open.delete(to);
      return;
    }
    const message = { to, segment: length, datagrams: 1, bytes: length, pieces: [start, length] };
    if (length <= this.#longest) this.#open.set(to, message);
    else this.#open.delete(to);
    this.#waiting.push(message);
  }

  /** Writes the next messages down for the kernel. @returns how many */
  #describe(): number {
    const count = Math.min(MESSAGES, this.#waiting.length);
    let iovec = 0;
    for (let i = 0; i < count; i++) {
      const { to, segment, datagrams, pieces } = this.#waiting[i]!;
      const header = i * MMSGHDR.size;
      this.#headers.set64(header + MMSGHDR.name, this.#names.address + i * SOCKADDR_IN.bytes);
      this.#headers.words[header + MMSGHDR.nameSize] = SOCKADDR_IN.bytes;
      this.#names.bytes.writeUInt16LE(AF_INET, i * SOCKADDR_IN.bytes);
      this.#names.bytes.writeUInt16BE(to % 65_536, i * SOCKADDR_IN.bytes + 2);
      this.#names.bytes.writeUInt32BE(Math.floor(to / 65_536), i * SOCKADDR_IN.bytes + 4);
      this.#headers.set64(header + MMSGHDR.iov, this.#iovecs.address + iovec * IOVEC.size * 4);
      this.#headers.set64(header + MMSGHDR.iovCount, pieces.length / 2);
      for (let at = 0; at < pieces.length; at += 2) {
        this.#iovecs.set64(iovec * IOVEC.size + IOVEC.base, this.#arenaAddress + pieces[at]!);
        this.#iovecs.set64(iovec * IOVEC.size + IOVEC.length, pieces[at + 1]!);
        iovec++;
      }
      const control = i * CMSG.size;
      this.#controls.set64(control + CMSG.length, CMSG.headBytes + 2);
      this.#controls.words[control + CMSG.level] = SOL_UDP;
      this.#controls.words[control + CMSG.type] = UDP_SEGMENT;
      this.#controls.words[control + CMSG.data] = segment;
      this.#headers.set64(header + MMSGHDR.control, datagrams > 1 ? this.#controls.address + i * CMSG.bytes : 0);
      this.#headers.set64(header + MMSGHDR.controlSize, datagrams > 1 ? CMSG.bytes : 0);
      this.#headers.words[header + MMSGHDR.flags] = 0;
    }
    return count;
  }

  /** The first message cannot be sent: its datagrams are tried one by one if that may help, else given up. */
  #refused(error: SystemCallError): void {
    const first = this.#waiting[0]!;
    if (first.datagrams > 1 && CANNOT_SEGMENT.has(error.code)) {
      this.#segments = 1;
      this.#waiting = this.#waiting.flatMap(single);
      return;
    }
    this.#waiting.shift();
    this.#datagrams -= first.datagrams;
    this.#dropped(error, first.datagrams);
  }
}

/** The datagrams of a message as messages of their own. */
function single({ to, segment, pieces }: Outgoing): Outgoing[] {
  const messages: Outgoing[] = [];
  for (let at = 0; at < pieces.length; at += 2) {
    const end = pieces[at]! + pieces[at + 1]!;
    for (let start = pieces[at]!; start < end; start += segment) {
      const length = Math.min(segment, end - start);
      messages.push({ to, segment: length, datagrams: 1, bytes: length, pieces: [start, length] });
    }
  }
  return messages;
}
