import {
  AF_PACKET,
  ETH_P_ALL,
  MAP_SHARED,
  PACKET_QDISC_BYPASS,
  PACKET_RX_RING,
  PACKET_STATISTICS,
  PACKET_VERSION,
  PACKET_VNET_HDR,
  PROT_READ,
  PROT_WRITE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_PACKET,
  TP_STATUS_KERNEL,
  TP_STATUS_USER,
  TPACKET_V2,
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

/** Where the fields of linux/if_packet.h stand: `tpacket2_hdr` and the `sockaddr_ll` behind it. */
const FRAME = { status: 0, kept: 8, start: 12, seconds: 16, nanoseconds: 20, interface: 36 } as const;
const ADDRESS = { size: 20, protocol: 2, interface: 4 } as const;
/** Bytes that the kernel puts before a frame in its slot, at most. */
const SLOT_OVERHEAD = 96;
const BLOCK_SIZE = 1 << 18;

/** `struct virtio_net_hdr` stands before every frame, in both directions: what is left to be done with its checksum. */
export const OFFLOAD_HEADER = 10;

/** Everything but frames that this namespace sends itself: load the packet's type (linux/filter.h); 4 is PACKET_OUTGOING. */
const INCOMING: readonly Instruction[] = [
  [0x30, 0, 0, 0xfffff004],
  [0x15, 0, 1, 4],
  [0x06, 0, 0, 0],
  [0x06, 0, 0, 0xffffffff],
];

export interface Received {
  /** Index of the interface. */
  interface: number;
  /** CLOCK_REALTIME: when the kernel got it. */
  seconds: number;
  nanoseconds: number;
}

/**
 * Takes every frame that comes in on any interface of a namespace, one by one and at once, and sends frames out of any of them: the
 * user-space end of virtual cables. It needs no privileges but those over the namespace, where a TAP needs /dev/net/tun.
 */
export class FrameSocket {
  /** For polling. */
  readonly fd: number;
  #mapping: Mapping | undefined;
  #bytes = Buffer.alloc(0);
  #words = new Int32Array(0);
  #slotSize = 0;
  #slots = 0;
  #next = 0;
  #drops = 0;
  readonly #info: Received = { interface: 0, seconds: 0, nanoseconds: 0 };

  /** Makes it in the calling thread's namespace. @throws SystemCallError without CAP_NET_RAW there. */
  constructor() {
    this.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  }

  /** Begins to take frames. @param longest bytes of the longest frame @param memory bytes for frames that wait to be read */
  async start(longest: number, memory: number): Promise<void> {
    setsockopt(this.fd, SOL_PACKET, PACKET_VERSION, word(TPACKET_V2));
    setsockopt(this.fd, SOL_PACKET, PACKET_VNET_HDR, word(1));
    setsockopt(this.fd, SOL_PACKET, PACKET_QDISC_BYPASS, word(1));
    attachFilter(this.fd, INCOMING);
    this.#slotSize = 2 ** Math.ceil(Math.log2(longest + SLOT_OVERHEAD));
    const blocks = Math.ceil(memory / BLOCK_SIZE);
    this.#slots = (blocks * BLOCK_SIZE) / this.#slotSize;
    const request = Buffer.concat([BLOCK_SIZE, blocks, this.#slotSize, this.#slots].map(word));
    await setsockoptAsync(this.fd, SOL_PACKET, PACKET_RX_RING, request);
    this.#mapping = mmap(this.fd, blocks * BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);
    this.#bytes = Buffer.from(this.#mapping.bytes);
    this.#words = new Int32Array(this.#mapping.bytes);
    bind(this.fd, FrameSocket.address(0));
  }

  /** What `send` wants to know about an interface: a `sockaddr_ll`. 0 stands for all. */
  static address(interfaceIndex: number): Buffer {
    const address = Buffer.alloc(ADDRESS.size);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16BE(ETH_P_ALL, ADDRESS.protocol);
    address.writeInt32LE(interfaceIndex, ADDRESS.interface);
    return address;
  }

  /**
   * Hands over the frames that have arrived, in order, at most so many.
   * @param handle gets each with its offload header in front; it must keep neither `frame` nor `info`: both are used again.
   * @returns how many there were.
   */
  receive(most: number, handle: (frame: Uint8Array, info: Received) => void): number {
    const info = this.#info;
    const words = this.#words;
    let count = 0;
    for (; count < most && this.#slots > 0; count++) {
      const at = this.#next * this.#slotSize;
      const status = (at + FRAME.status) >>> 2;
      if ((Atomics.load(words, status) & TP_STATUS_USER) === 0) break;
      info.interface = words[(at + FRAME.interface) >>> 2]!;
      info.seconds = words[(at + FRAME.seconds) >>> 2]! >>> 0;
      info.nanoseconds = words[(at + FRAME.nanoseconds) >>> 2]!;
      const start = at + (words[(at + FRAME.start) >>> 2]! & 0xffff);
      const end = start + words[(at + FRAME.kept) >>> 2]!;
      handle(this.#bytes.subarray(start - OFFLOAD_HEADER, end), info);
      Atomics.store(words, status, TP_STATUS_KERNEL);
      this.#next = (this.#next + 1) % this.#slots;
    }
    return count;
  }

  /** Sends a frame with its offload header out of an interface; `false` when that is down, has no room, or is for shorter frames. */
  send(address: Uint8Array, frame: Uint8Array, size: number): boolean {
    return sendTo(this.fd, frame, size, address);
  }

  /** Frames that came when there was no room, since it was opened. */
  drops(): number {
    // The kernel starts to count anew each time it is asked.
    const statistics = Buffer.alloc(8);
    getsockopt(this.fd, SOL_PACKET, PACKET_STATISTICS, statistics);
    this.#drops += statistics.readUInt32LE(4);
    return this.#drops;
  }

  async close(): Promise<void> {
    this.#slots = 0;
    this.#bytes = Buffer.alloc(0);
    this.#words = new Int32Array(0);
    this.#mapping?.unmap();
    await closeAsync(this.fd);
  }
}

function word(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
