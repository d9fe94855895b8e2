import { FALLOC_FL_KEEP_SIZE } from './constants.ts';
import { fallocateAsync } from './libc.ts';

/**
 * Sets blocks aside for bytes of an open file that may be beyond its end, which stays where it is. See fallocate(2).
 * @returns whether that was done: file systems differ, and disks are full
 */
export function setBlocksAside(fd: number, offset: number, bytes: number): Promise<boolean> {
  return fallocateAsync(fd, FALLOC_FL_KEEP_SIZE, offset, bytes);
}
