import { closeSync, constants, openSync } from 'node:fs';
import koffi from 'koffi';
import { IFF_NO_PI, IFF_TAP, IFF_TUN, IFREQ, TUNSETIFF } from './constants.ts';
import { interfaceRequest } from './interfaces.ts';
import { ioctl, read, write } from './libc.ts';

export const TUN_DEVICE = '/dev/net/tun';

/**
 * Makes a TUN (IP packets) or TAP (Ethernet frames) interface in the calling thread's namespace and returns its descriptor: each read
 * takes one packet, each write gives one, none blocks. The interface lives as long as the descriptor.
 * @throws SystemCallError without CAP_NET_ADMIN there; an EACCES error where the device file is for root only.
 */
export function openTun(name: string, kind: 'tun' | 'tap'): number {
  const fd = openSync(TUN_DEVICE, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const request = interfaceRequest(name);
    request.writeUInt16LE((kind === 'tap' ? IFF_TAP : IFF_TUN) | IFF_NO_PI, IFREQ.flags);
    ioctl(fd, TUNSETIFF, request, name);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** A TUN interface on the event loop of the main thread. */
export class TunInterface {
  readonly name: string;
  readonly #fd: number;
  #poll: ReturnType<typeof koffi.node.poll> | undefined;

  /** @throws as `openTun` */
  constructor(name: string) {
    this.name = name;
    this.#fd = openTun(name, 'tun');
  }

  /** Calls `ready` in every turn of the event loop in which packets wait; once more when the interface has gone. */
  watch(ready: () => void): void {
    this.#poll = koffi.node.poll(this.#fd, { readable: true }, ready);
  }

  /** Takes one packet. @returns its bytes; −1 when none waits. @throws SystemCallError when the interface has gone */
  read(into: Uint8Array): number {
    return read(this.#fd, into);
  }

  /** Gives one packet to the kernel. @returns whether it was taken: not when the interface is down, gone, or the packet is none. */
  write(packet: Uint8Array): boolean {
    try {
      return write(this.#fd, packet) === packet.length;
    } catch {
      return false;
    }
  }

  /** Hears no more of packets. */
  unwatch(): void {
    this.#poll?.close();
    this.#poll = undefined;
  }

  /** The interface goes too, unless somebody made it to stay. */
  close(): void {
    this.unwatch();
    closeSync(this.#fd);
  }
}
