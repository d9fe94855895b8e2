import { closeSync } from 'node:fs';
import {
  AF_INET,
  SK_MEMINFO_DROPS,
  SK_MEMINFO_VARS,
  SO_MEMINFO,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
  UDP_SEGMENT,
} from './constants.ts';
import { attachFilter, bind, getsockopt, type Instruction, setsockopt, socket } from './libc.ts';

export interface UdpSocketOptions {
  /** IPv4 address as a number: a host's own, or a multicast group. */
  address: number;
  port: number;
  /** Whether others may bind to the same. */
  shared: boolean;
  /** Bytes of a datagram at most; what is longer is several of them. */
  segment: number;
}

/** A bound socket that takes and gives many datagrams at a time. */
export interface UdpSocket {
  /** For `dgram.Socket.bind({ fd })`, which from then on owns it. */
  readonly fd: number;
  /** Bytes: a longer message leaves as datagrams of this length, but for the last one. */
  readonly segment: number;
  /** Makes it an ordinary socket to send with: some devices cannot cut datagrams. */
  stopSegmenting(): void;
  /** Takes in only what the program lets through; it sees each datagram from its UDP header on. What it leaves out counts as dropped. */
  filter(program: readonly Instruction[]): void;
  /** See `socketDrops`. */
  drops(): number;
}

/**
 * Opens a UDP socket that is gone through once for many datagrams: a long message is cut into datagrams as late as can be (UDP_SEGMENT), and
 * datagrams of one length that came together are read as one message (UDP_GRO). See udp(7) and linux/udp.h; Linux 5.0.
 * @throws SystemCallError with the code of the system, such as EADDRINUSE; ENOPROTOOPT where the kernel is older
 */
export function openUdpSocket({ address, port, shared, segment }: UdpSocketOptions): UdpSocket {
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    if (shared) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, integer(1));
    setsockopt(fd, SOL_UDP, UDP_SEGMENT, integer(segment));
    setsockopt(fd, SOL_UDP, UDP_GRO, integer(1));
    bind(fd, socketAddress(address, port));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    fd,
    segment,
    filter: (program) => attachFilter(fd, program),
    drops: () => socketDrops(fd),
    stopSegmenting: () => setsockopt(fd, SOL_UDP, UDP_SEGMENT, integer(0)),
  };
}

/** What a socket has dropped for want of room: datagrams, or at once many that came together, which count as one. Linux 4.12 */
export function socketDrops(fd: number): number {
  const numbers = Buffer.alloc(SK_MEMINFO_VARS * 4);
  getsockopt(fd, SOL_SOCKET, SO_MEMINFO, numbers);
  return numbers.readUInt32LE(SK_MEMINFO_DROPS * 4);
}

/** `struct sockaddr_in` @param address IPv4 as a number */
export function socketAddress(address: number, port: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.writeUInt32BE(address, 4);
  return bytes;
}

/** An `int`, as socket options are. */
export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
