import { FIONBIO } from './constants.ts';
import { ioctl } from './libc.ts';

/** From now on a write that has no room fails with EAGAIN in place of waiting; so it does for whoever shares the open file. @throws SystemCallError */
export function setNonBlocking(fd: number): void {
  const on = Buffer.alloc(4);
  on.writeInt32LE(1);
  ioctl(fd, FIONBIO, on);
}
