import { closeSync, constants, openSync } from 'node:fs';
import { IFF_NO_PI, IFF_TAP, IFF_TUN, IFREQ, TUNSETIFF } from './constants.ts';
import { ioctl } from './libc.ts';

export const TUN_DEVICE = '/dev/net/tun';

/**
 * Makes a TUN (IP packets) or TAP (Ethernet frames) interface in the calling thread's namespace and returns its descriptor: each read
 * takes one packet, each write gives one, none blocks. The interface lives as long as the descriptor.
 * @throws SystemCallError without CAP_NET_ADMIN there; an EACCES error where the device file is for root only.
 */
export function openTun(name: string, kind: 'tun' | 'tap'): number {
  const fd = openSync(TUN_DEVICE, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const request = Buffer.alloc(IFREQ.size);
    request.write(name, 0, IFREQ.nameSize - 1, 'latin1');
    request.writeUInt16LE((kind === 'tap' ? IFF_TAP : IFF_TUN) | IFF_NO_PI, IFREQ.flags);
    ioctl(fd, TUNSETIFF, request, name);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
