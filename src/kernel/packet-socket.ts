import {
  AF_PACKET,
  ETH_P_ALL,
  MAP_SHARED,
  PACKET_OUTGOING,
  PACKET_RX_RING,
  PACKET_STATISTICS,
  PACKET_VERSION,
  PROT_READ,
  PROT_WRITE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_PACKET,
  TP_STATUS_KERNEL,
  TP_STATUS_USER,
  TPACKET_V3,
} from './constants.ts';
import {
  attachFilter,
  bind,
  closeAsync,
  getsockopt,
  type Instruction,
  type Mapping,
  mmap,
  sendTo,
  setsockopt,
  setsockoptAsync,
  socket,
} from './libc.ts';

/** Where the fields of linux/if_packet.h stand: `tpacket_block_desc`, `tpacket3_hdr`, and the `sockaddr_ll` behind the latter. */
const BLOCK = { status: 8, frames: 12, firstFrame: 16 } as const;
const FRAME = { next: 0, seconds: 4, nanoseconds: 8, kept: 12, length: 16, start: 24 } as const;
const ADDRESS = { offset: 48, interface: 4, kind: 10, size: 20 } as const;
/** Room for the largest frame and its header in a block; only to satisfy the kernel's arithmetic, version 3 packs frames. */
const FRAME_SIZE = 2048;

export interface RingOptions {
  /** Bytes; a power of two, at least the largest frame and a little more. */
  blockSize: number;
  blocks: number;
  /** After how long the kernel hands over a block that is not full, ms. */
  handOver: number;
  filter: readonly Instruction[];
}

/** What the kernel noted about a frame. One object, filled again for every frame. */
export interface FrameInfo {
  /** CLOCK_REALTIME: when the kernel saw it. */
  seconds: number;
  nanoseconds: number;
  /** Index of the interface. */
  interface: number;
  /** Sent by this namespace, or received by it. */
  outgoing: boolean;
  /** Bytes on the link; the filter may have kept fewer. */
  length: number;
}

/**
 * Sees every frame that passes any interface of the namespace it is opened in, both ways, through memory shared with the kernel
 * (TPACKET_V3): reading costs no system call and the buffer is not bounded by net.core.rmem_max, which a rootless process
 * could not exceed with an ordinary socket buffer.
 */
export class PacketSocket {
  readonly #fd: number;
  #mapping: Mapping | undefined;
  #bytes = Buffer.alloc(0);
  #words = new Int32Array(0);
  #blockSize = 0;
  #blocks = 0;
  #next = 0;
  #drops = 0;

  /**
   * Makes a socket in the calling thread's namespace. It sees nothing until it is started.
   * @throws SystemCallError without CAP_NET_RAW there.
   */
  constructor() {
    this.#fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  }

  /**
   * Begins to see frames. To set up the ring the kernel waits until no processor can be using the old one, some 20 ms: start many
   * sockets at once and they wait together.
   */
  async start({ blockSize, blocks, handOver, filter }: RingOptions): Promise<void> {
    setsockopt(this.#fd, SOL_PACKET, PACKET_VERSION, words(TPACKET_V3));
    attachFilter(this.#fd, filter);
    const size = blockSize * blocks;
    const request = words(blockSize, blocks, FRAME_SIZE, size / FRAME_SIZE, handOver, 0, 0);
    await setsockoptAsync(this.#fd, SOL_PACKET, PACKET_RX_RING, request);
    this.#mapping = mmap(this.#fd, size, PROT_READ | PROT_WRITE, MAP_SHARED);
    this.#bytes = Buffer.from(this.#mapping.bytes);
    this.#words = new Int32Array(this.#mapping.bytes);
    this.#blockSize = blockSize;
    this.#blocks = blocks;
    const everything = Buffer.alloc(ADDRESS.size);
    everything.writeUInt16LE(AF_PACKET, 0);
    everything.writeUInt16BE(ETH_P_ALL, 2);
    bind(this.#fd, everything);
  }

  /**
   * Hands over all frames that have arrived, in order, and gives their memory back to the kernel.
   * @param handle must not keep `frame` or `info`: both are used again.
   * @returns how many there were.
   */
  read(handle: (frame: Uint8Array, info: FrameInfo) => void): number {
    const info: FrameInfo = { seconds: 0, nanoseconds: 0, interface: 0, outgoing: false, length: 0 };
    let count = 0;
    while (this.#blocks > 0) {
      const block = this.#next * this.#blockSize;
      const status = (block + BLOCK.status) >>> 2;
      if ((Atomics.load(this.#words, status) & TP_STATUS_USER) === 0) return count;
      count += this.#readBlock(block, info, handle);
      Atomics.store(this.#words, status, TP_STATUS_KERNEL);
      this.#next = (this.#next + 1) % this.#blocks;
    }
    return count;
  }

  #readBlock(block: number, info: FrameInfo, handle: (frame: Uint8Array, info: FrameInfo) => void): number {
    const bytes = this.#bytes;
    const count = this.#word(block + BLOCK.frames);
    let at = block + this.#word(block + BLOCK.firstFrame);
    for (let i = 0; i < count; i++) {
      const address = at + ADDRESS.offset;
      info.seconds = this.#word(at + FRAME.seconds) >>> 0;
      info.nanoseconds = this.#word(at + FRAME.nanoseconds);
      info.length = this.#word(at + FRAME.length);
      info.interface = this.#word(address + ADDRESS.interface);
      info.outgoing = bytes[address + ADDRESS.kind] === PACKET_OUTGOING;
      const start = at + (bytes[at + FRAME.start]! | (bytes[at + FRAME.start + 1]! << 8));
      handle(bytes.subarray(start, start + this.#word(at + FRAME.kept)), info);
      at += this.#word(at + FRAME.next);
    }
    return count;
  }

  #word(offset: number): number {
    return this.#words[offset >>> 2]!;
  }

  /** Sends a frame out of an interface (`FrameSocket.address`), through whatever shapes its traffic; `false` when that has no room. */
  send(address: Uint8Array, frame: Uint8Array, size: number): boolean {
    return sendTo(this.#fd, frame, size, address);
  }

  /** Frames that passed the filter but found the ring full, since it was opened. */
  drops(): number {
    // The kernel starts to count anew each time it is asked.
    const statistics = Buffer.alloc(12);
    getsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, statistics);
    this.#drops += statistics.readUInt32LE(4);
    return this.#drops;
  }

  /** Slow like `start`, and for the same reason. */
  async close(): Promise<void> {
    this.#bytes = Buffer.alloc(0);
    this.#words = new Int32Array(0);
    this.#blocks = 0;
    this.#mapping?.unmap();
    await closeAsync(this.#fd);
  }
}

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    buffer.writeUInt32LE(value, i * 4);
  });
  return buffer;
}
