/**
 * The pcapng format (IETF draft-ietf-opsawg-pcapng), as far as a capture needs it: one section, one interface block for each link end, one
 * packet block for each frame, times in nanoseconds. Little endian. Pure.
 */

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINKTYPE_ETHERNET = 1;

/** Option codes. */
const END_OF_OPTIONS = 0;
const COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
/** 10⁻⁹ s */
const NANOSECONDS = 9;
/** Directions in epb_flags. */
const INBOUND = 1;
const OUTBOUND = 2;

/** Bytes of a packet block before the frame (type, size, interface, time, two lengths) and besides it (flags, end of options, size). */
const PACKET_HEAD = 28;
const PACKET_OVERHEAD = PACKET_HEAD + 8 + 4 + 4;

/** The first block of a file. */
export function sectionHeader(application: string): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  fixed.writeUInt16LE(1, 4); // version 1.0
  fixed.writeBigInt64LE(-1n, 8); // of unknown length
  return block(SECTION_HEADER, fixed, option(SHB_USERAPPL, Buffer.from(application)), option(END_OF_OPTIONS));
}

/** Interfaces are numbered by their blocks' order, from 0. @param snapLength bytes kept of a frame at most */
export function interfaceDescription(name: string, snapLength: number): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(LINKTYPE_ETHERNET, 0);
  fixed.writeUInt32LE(snapLength, 4);
  return block(
    INTERFACE_DESCRIPTION,
    fixed,
    option(IF_NAME, Buffer.from(name)),
    option(IF_TSRESOL, Buffer.from([NANOSECONDS])),
    option(END_OF_OPTIONS),
  );
}

export interface Packet {
  /** Number of the interface. */
  interface: number;
  /** Since 1970, CLOCK_REALTIME. */
  seconds: number;
  nanoseconds: number;
  /** Sent or received there. */
  outgoing: boolean;
  /** What is kept of the frame. */
  bytes: Uint8Array;
  /** Bytes of the whole frame. */
  length: number;
}

/** Bytes of the block of a packet of which so many bytes are kept. */
export function packetBlockSize(kept: number): number {
  return PACKET_OVERHEAD + ((kept + 3) & ~3);
}

/**
 * Writes a packet's block at a place in an array of 32-bit words, and so in the machine's own byte order: little endian, on every machine that
 * Node.js runs on.
 */
export function writePacketBlock(into: Uint32Array, start: number, packet: Packet): void {
  const { bytes } = packet;
  const size = packetBlockSize(bytes.length);
  const options = start + size / 4 - 4;
  into[options - 1] = 0; // padding, where the frame leaves any
  new Uint8Array(into.buffer, start * 4 + PACKET_HEAD, bytes.length).set(bytes);
  into[start] = ENHANCED_PACKET;
  into[start + 1] = size;
  into[start + 2] = packet.interface;
  // Seconds × 10⁹ + nanoseconds is more than a double can hold: it is put together from pieces that fit.
  const upper = Math.floor(packet.seconds / 0x10000) * 1e9;
  const lower = (packet.seconds % 0x10000) * 1e9 + packet.nanoseconds + (upper % 0x10000) * 0x10000;
  into[start + 3] = Math.floor(upper / 0x10000) + Math.floor(lower / 0x1_0000_0000);
  into[start + 4] = lower % 0x1_0000_0000;
  into[start + 5] = bytes.length;
  into[start + 6] = packet.length;
  into[options] = EPB_FLAGS | (4 << 16);
  into[options + 1] = packet.outgoing ? OUTBOUND : INBOUND;
  into[options + 2] = END_OF_OPTIONS;
  into[options + 3] = size;
}

/** Of a block, the packet's interface and direction; `undefined` when it is no packet's. */
export function packetOf(block: Buffer): { interface: number; outgoing: boolean } | undefined {
  if (block.readUInt32LE(0) !== ENHANCED_PACKET) return undefined;
  return {
    interface: block.readUInt32LE(8),
    outgoing: block.readUInt32LE(optionsOf(block) + 4) === OUTBOUND,
  };
}

/** A packet's block with one more option: a comment. */
export function withComment(block: Buffer, comment: string): Buffer {
  const options = optionsOf(block);
  const added = option(COMMENT, Buffer.from(comment));
  const result = Buffer.concat([block.subarray(0, options), added, block.subarray(options)]);
  result.writeUInt32LE(result.length, 4);
  result.writeUInt32LE(result.length, result.length - 4);
  return result;
}

/** Where the options of a packet's block begin: `writePacketBlock` puts its direction there. */
const optionsOf = (block: Buffer): number => PACKET_HEAD + ((block.readUInt32LE(20) + 3) & ~3);

function block(type: number, ...parts: Buffer[]): Buffer {
  const total = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(total, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(total, 0);
  return Buffer.concat([head, ...parts, tail]);
}

function option(code: number, value: Buffer = Buffer.alloc(0)): Buffer {
  const buffer = Buffer.alloc(4 + ((value.length + 3) & ~3));
  buffer.writeUInt16LE(code, 0);
  buffer.writeUInt16LE(value.length, 2);
  value.copy(buffer, 4);
  return buffer;
}
