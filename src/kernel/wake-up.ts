import { readSync, writeSync } from 'node:fs';
import { EFD_CLOEXEC, EFD_NONBLOCK } from './constants.ts';
import { eventfd } from './libc.ts';

/** bytes */
const COUNTER = 8;

/** A descriptor on which one thread wakes another that polls: messages alone do not reach a thread that sleeps in the kernel. */
export function openWakeUp(): number {
  return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

export function wakeUp(fd: number): void {
  const one = Buffer.alloc(COUNTER);
  one.writeBigUInt64LE(1n);
  writeSync(fd, one);
}

/** To be called by the thread that was woken, before it looks what there is to do. */
export function clearWakeUp(fd: number): void {
  readSync(fd, Buffer.alloc(COUNTER));
}
