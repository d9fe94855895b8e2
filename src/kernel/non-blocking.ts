import { FIONBIO } from './constants.ts';
import { ioctl } from './libc.ts';
import { integer } from './udp-socket.ts';

/** From now on a write that has no room fails with EAGAIN in place of waiting; so it does for whoever shares the open file. @throws SystemCallError */
export function setNonBlocking(fd: number): void {
  ioctl(fd, FIONBIO, integer(1));
}
