import { M_MMAP_THRESHOLD, M_TRIM_THRESHOLD } from './constants.ts';
import { mallopt } from './libc.ts';

/**
 * Has the C library keep up to so many bytes that were freed, and take all that is shorter from them. Left to itself it gives what a chunk has
 * taken back to the kernel, and gets it again for the next one page by page, zeroed.
 * @returns whether it does: musl cannot be told
 */
export function keepFreed(bytes: number): boolean {
  return mallopt(M_TRIM_THRESHOLD, bytes) && mallopt(M_MMAP_THRESHOLD, bytes / 2);
}
