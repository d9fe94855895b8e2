import koffi from 'koffi';

/** Memory for C structures, as 32-bit words, and where it is. It stays there for as long as the object lives. */
export class StructMemory {
  readonly words: Uint32Array<ArrayBuffer>;
  /** The same memory, for system calls. */
  readonly bytes: Buffer;
  readonly address: number;

  /** @param words 4 bytes each, all 0 at first */
  constructor(words: number) {
    this.words = new Uint32Array(words);
    this.bytes = Buffer.from(this.words.buffer);
    this.address = addressOf(this.bytes);
  }

  /** Writes a pointer or another number of 64 bits, little endian. @param at index of its first word */
  set64(at: number, value: number): void {
    this.words[at] = value % 0x1_0000_0000;
    this.words[at + 1] = Math.floor(value / 0x1_0000_0000);
  }
}

/** Where a buffer is in memory: user space ends far below what a number can say exactly. */
export function addressOf(buffer: Uint8Array): number {
  return Number(koffi.address(buffer));
}

/**
 * `struct mmsghdr` of sys/socket.h on 64-bit systems, in words of 4 bytes: a `struct msghdr` and how many bytes were received. Pointers and
 * sizes take two words.
 */
export const MMSGHDR = {
  size: 16,
  name: 0,
  nameSize: 2,
  iov: 4,
  iovCount: 6,
  control: 8,
  controlSize: 10,
  flags: 12,
  received: 14,
} as const;

/** `struct iovec`, in words. */
export const IOVEC = { size: 4, base: 0, length: 2 } as const;

/** `struct sockaddr_in`, in words: family and port, then the address; both in network order, so byte by byte. */
export const SOCKADDR_IN = { size: 4, bytes: 16 } as const;

/** A `struct cmsghdr` with up to 8 bytes of data, in words. */
export const CMSG = { size: 6, bytes: 24, headBytes: 16, length: 0, level: 2, type: 3, data: 4 } as const;
