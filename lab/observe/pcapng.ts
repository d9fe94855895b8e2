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
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
/** 10⁻⁹ s */
const NANOSECONDS = 9;
/** Directions in epb_flags. */
const INBOUND = 1;
const OUTBOUND = 2;

/** Bytes of a packet block besides the frame: type, length, interface, time, two sizes, the flags option, the end of options, length. */
const PACKET_OVERHEAD = 8 + 4 + 8 + 8 + 8 + 4 + 4;

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
  /** CLOCK_REALTIME, ns since 1970. */
  time: bigint;
  /** Sent or received there. */
  outgoing: boolean;
  /** What is kept of the frame. */
  bytes: Uint8Array;
  /** Bytes of the whole frame. */
  length: number;
}

export function enhancedPacket(packet: Packet): Buffer {
  const kept = packet.bytes.length;
  const padded = (kept + 3) & ~3;
  const total = PACKET_OVERHEAD + padded;
  const buffer = Buffer.allocUnsafe(total);
  buffer.writeUInt32LE(ENHANCED_PACKET, 0);
  buffer.writeUInt32LE(total, 4);
  buffer.writeUInt32LE(packet.interface, 8);
  buffer.writeUInt32LE(Number(packet.time >> 32n), 12);
  buffer.writeUInt32LE(Number(packet.time & 0xffffffffn), 16);
  buffer.writeUInt32LE(kept, 20);
  buffer.writeUInt32LE(packet.length, 24);
  buffer.set(packet.bytes, 28);
  const options = 28 + padded;
  buffer.fill(0, 28 + kept, options);
  buffer.writeUInt16LE(EPB_FLAGS, options);
  buffer.writeUInt16LE(4, options + 2);
  buffer.writeUInt32LE(packet.outgoing ? OUTBOUND : INBOUND, options + 4);
  buffer.writeUInt32LE(END_OF_OPTIONS, options + 8);
  buffer.writeUInt32LE(total, options + 12);
  return buffer;
}

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
