import { closeSync } from 'node:fs';
import koffi from 'koffi';
import {
  AF_INET,
  ETHTOOL_GLINK,
  IFF_RUNNING,
  IFF_UP,
  IFREQ,
  SIOCETHTOOL,
  SIOCGIFFLAGS,
  SIOCSIFMTU,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from './constants.ts';
import { ioctl, socket } from './libc.ts';

/** `struct ifreq` about an interface. */
export function interfaceRequest(name: string): Buffer {
  const request = Buffer.alloc(IFREQ.size);
  request.write(name, 0, IFREQ.nameSize - 1, 'latin1');
  return request;
}

/** Asks the kernel about an interface of the calling thread's namespace; any socket will do for that. */
function ask(code: number, request: Buffer, name: string): void {
  const any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  try {
    ioctl(any, code, request, name);
  } finally {
    closeSync(any);
  }
}

/** Sets the MTU of an interface of the calling thread's namespace, bytes. @throws SystemCallError without CAP_NET_ADMIN there */
export function setInterfaceMtu(name: string, mtu: number): void {
  const request = interfaceRequest(name);
  request.writeInt32LE(mtu, IFREQ.flags);
  ask(SIOCSIFMTU, request, name);
}

/**
 * Whether an interface of the calling thread's namespace was told to be up, and whether it is: it takes frames from then on only, which is
 * a moment after it was told to, and after its peer was.
 * @throws SystemCallError when there is no such interface
 */
export function interfaceState(name: string): { up: boolean; running: boolean } {
  settleCarrier(name);
  const request = interfaceRequest(name);
  ask(SIOCGIFFLAGS, request, name);
  const flags = request.readUInt16LE(IFREQ.flags);
  return { up: (flags & IFF_UP) !== 0, running: (flags & IFF_RUNNING) !== 0 };
}

/** Asks for the carrier, because Linux 6.8 and newer then settle what they would have left for up to a second. */
function settleCarrier(name: string): void {
  const value = Buffer.alloc(8);
  value.writeUInt32LE(ETHTOOL_GLINK);
  const request = interfaceRequest(name);
  request.writeBigUInt64LE(koffi.address(value), IFREQ.data);
  try {
    ask(SIOCETHTOOL, request, name);
  } catch {
    // An interface that cannot tell has no carrier to settle.
  }
}
