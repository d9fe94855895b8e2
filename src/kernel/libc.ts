import { getSystemErrorMap } from 'node:util';
import koffi from 'koffi';
import { PR_SET_TIMERSLACK, SCHED_FIFO, SCHED_RESET_ON_FORK, SO_ATTACH_FILTER, SOL_SOCKET } from './constants.ts';

/**
 * The C library, declared once: the only foreign calls of the project.
 * A wrapper throws a `SystemCallError` in place of returning −1. Buffers are lent for the length of the call only.
 */

/** A system call that the kernel refused. */
export class SystemCallError extends Error {
  override name = 'SystemCallError';
  /** `EPERM`, `ENOENT` … */
  readonly code: string;
  /** Positive, as in errno.h. */
  readonly errno: number;
  readonly syscall: string;

  /** @param what what it was done to: a path, a namespace, an interface. */
  constructor(syscall: string, errno: number, what?: string) {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, 'unknown error'];
    super(`${syscall}${what === undefined ? '' : ` ${what}`}: ${code}, ${text}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

const libc = koffi.load(null);

// `int64_t` in place of `ssize_t` and `long`: koffi returns those as numbers whenever they are exact.
const raw = {
  unshare: libc.func('int unshare(int flags)'),
  setns: libc.func('int setns(int fd, int type)'),
  mount: libc.func(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  ),
  umount2: libc.func('int umount2(const char *target, int flags)'),
  socket: libc.func('int socket(int family, int type, int protocol)'),
  bind: libc.func('int bind(int fd, const void *address, uint32_t size)'),
  setsockopt: libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t size)'),
  getsockopt: libc.func('int getsockopt(int fd, int level, int name, void *value, void *size)'),
  ioctl: libc.func('int ioctl(int fd, unsigned long request, void *argument)'),
  mmap: libc.func('int64_t mmap(void *address, size_t size, int protection, int flags, int fd, int64_t offset)'),
  munmap: libc.func('int munmap(int64_t address, size_t size)'),
  read: libc.func('int64_t read(int fd, void *buffer, size_t size)'),
  write: libc.func('int64_t write(int fd, const void *buffer, size_t size)'),
  sendto: libc.func(
    'int64_t sendto(int fd, const void *bytes, size_t size, int flags, const void *address, uint32_t addressSize)',
  ),
  recvmmsg: libc.func('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)'),
  sendmmsg: libc.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)'),
  fallocate: libc.func('int fallocate(int fd, int mode, int64_t offset, int64_t size)'),
  eventfd: libc.func('int eventfd(unsigned int initial, int flags)'),
  prctl: libc.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)'),
  sched_setscheduler: libc.func('int sched_setscheduler(int pid, int policy, const void *parameters)'),
  ppoll: libc.func('int ppoll(void *fds, unsigned long count, const void *timeout, const void *mask)'),
  clock_gettime: libc.func('int clock_gettime(int clock, void *time)'),
  waitid: libc.func('int waitid(int idtype, uint32_t id, void *info, int options)'),
  close: libc.func('int close(int fd)'),
  if_nametoindex: libc.func('uint32_t if_nametoindex(const char *name)'),
  waitpid: libc.func('int waitpid(int pid, void *status, int options)'),
  _exit: libc.func('void _exit(int code)'),
};

/** Wraps a call whose failure is a negative result. */
function checked<T extends unknown[]>(syscall: keyof typeof raw): (...args: T) => number {
  const call = raw[syscall] as (...args: T) => number;
  return (...args) => {
    const result = call(...args);
    if (result < 0) throw new SystemCallError(syscall, koffi.errno());
    return result;
  };
}

export const unshare = checked<[flags: number]>('unshare');
export const setns = checked<[fd: number, type: number]>('setns');
export const umount2 = checked<[target: string, flags: number]>('umount2');
export const socket = checked<[family: number, type: number, protocol: number]>('socket');
export const eventfd = checked<[initial: number, flags: number]>('eventfd');
export const clockGettime = checked<[clock: number, time: Uint8Array]>('clock_gettime');
export const waitid = checked<[idtype: number, id: number, info: Uint8Array, options: number]>('waitid');
export const waitpid = checked<[pid: number, status: Uint8Array | null, options: number]>('waitpid');

/** @throws SystemCallError naming the target. */
export function mount(source: string, target: string, type: string, flags: number, data: string | null = null): void {
  if (raw.mount(source, target, type, flags, data) < 0) throw new SystemCallError('mount', koffi.errno(), target);
}

/** @param address a `sockaddr` of the socket's family. */
export function bind(fd: number, address: Uint8Array): void {
  if (raw.bind(fd, address, address.length) < 0) throw new SystemCallError('bind', koffi.errno());
}

export function setsockopt(fd: number, level: number, name: number, value: Uint8Array): void {
  if (raw.setsockopt(fd, level, name, value, value.length) < 0) throw new SystemCallError('setsockopt', koffi.errno());
}

/**
 * The same on the thread pool (UV_THREADPOOL_SIZE), for what makes the kernel wait: several at a time then wait together.
 * `value` must not change meanwhile.
 */
export function setsockoptAsync(fd: number, level: number, name: number, value: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    raw.setsockopt.async(fd, level, name, value, value.length, (error: unknown, result: number) => {
      if (error) reject(error);
      // errno belongs to the pool's thread: it cannot be asked for here.
      else if (result < 0) reject(new Error(`setsockopt ${level}/${name} failed`));
      else resolve();
    });
  });
}

/** Sets an option of malloc. @returns whether there is such an option: musl has none */
export function mallopt(option: number, value: number): boolean {
  try {
    return libc.func('int mallopt(int option, int value)')(option, value) === 1;
  } catch {
    return false;
  }
}

/** Closes on the thread pool: with packet sockets the kernel takes its time. */
export function closeAsync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    raw.close.async(fd, (error: unknown) => (error ? reject(error) : resolve()));
  });
}

/** Has the file system set blocks of a file aside, on the thread pool: it may have to write. @returns whether it has */
export function fallocateAsync(fd: number, mode: number, offset: number, bytes: number): Promise<boolean> {
  return new Promise((resolve) => {
    raw.fallocate.async(fd, mode, offset, bytes, (error: unknown, result: number) => resolve(!error && result === 0));
  });
}

/** Index of an interface in the calling thread's namespace. */
export function interfaceIndex(name: string): number {
  const index = raw.if_nametoindex(name) as number;
  if (index === 0) throw new SystemCallError('if_nametoindex', koffi.errno(), name);
  return index;
}

/** Fills `value` and returns how many bytes the kernel wrote. */
export function getsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(value.length);
  if (raw.getsockopt(fd, level, name, value, size) < 0) throw new SystemCallError('getsockopt', koffi.errno());
  return size.readUInt32LE();
}

/** @param what for the error: which interface or device it is about. */
export function ioctl(fd: number, request: number, argument: Uint8Array | null, what?: string): number {
  const result = raw.ioctl(fd, request, argument);
  if (result < 0) throw new SystemCallError('ioctl', koffi.errno(), what);
  return result;
}

/** One instruction of a classic BPF program: operation, jump if true, jump if false, operand (linux/filter.h). */
export type Instruction = readonly [operation: number, ifTrue: number, ifFalse: number, operand: number];

/** Only frames for which the program returns something other than 0 (the bytes to keep) reach the socket. */
export function attachFilter(fd: number, program: readonly Instruction[]): void {
  const code = Buffer.alloc(program.length * 8);
  program.forEach(([operation, ifTrue, ifFalse, operand], i) => {
    code.writeUInt16LE(operation, i * 8);
    code.writeUInt8(ifTrue, i * 8 + 2);
    code.writeUInt8(ifFalse, i * 8 + 3);
    code.writeUInt32LE(operand >>> 0, i * 8 + 4);
  });
  const description = Buffer.alloc(16);
  description.writeUInt16LE(program.length, 0);
  description.writeBigUInt64LE(koffi.address(code), 8);
  setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, description);
}

/** Memory shared with the kernel. `unmap` it only when nothing reads `bytes` any more: a later access would crash. */
export interface Mapping {
  bytes: ArrayBuffer;
  unmap(): void;
}

export function mmap(fd: number, size: number, protection: number, flags: number): Mapping {
  const address = raw.mmap(null, size, protection, flags, fd, 0);
  if (BigInt(address) === -1n) throw new SystemCallError('mmap', koffi.errno());
  return { bytes: koffi.view(BigInt(address), size), unmap: () => raw.munmap(address, size) };
}

/** Bytes read, or −1 when nothing is there yet (a non-blocking descriptor). */
export function read(fd: number, buffer: Uint8Array): number {
  const result = raw.read(fd, buffer, buffer.length) as number;
  if (result < 0 && !isTemporary(koffi.errno())) throw new SystemCallError('read', koffi.errno());
  return result;
}

/** Bytes written, or −1 when the kernel has no room now (a non-blocking descriptor). */
export function write(fd: number, buffer: Uint8Array, size = buffer.length): number {
  const result = raw.write(fd, buffer, size) as number;
  if (result < 0 && !isTemporary(koffi.errno())) throw new SystemCallError('write', koffi.errno());
  return result;
}

/** Sends one datagram or frame, or nothing: `false` when the kernel has no room for it, or its interface is down, or too small for it. */
export function sendTo(fd: number, bytes: Uint8Array, size: number, address: Uint8Array): boolean {
  if (raw.sendto(fd, bytes, size, 0, address, address.length) >= 0) return true;
  const errno = koffi.errno();
  const { ENETDOWN, ENXIO, ENODEV, EMSGSIZE } = koffi.os.errno;
  if (isTemporary(errno) || [ENETDOWN, ENXIO, ENODEV, EMSGSIZE].includes(errno)) return false;
  throw new SystemCallError('sendto', errno);
}

/** Messages that were received into an array of `struct mmsghdr`; 0 when none waits (a non-blocking socket). */
export function recvmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number {
  const result = raw.recvmmsg(fd, messages, count, flags, null);
  if (result >= 0) return result;
  if (isTemporary(koffi.errno())) return 0;
  throw new SystemCallError('recvmmsg', koffi.errno());
}

/**
 * Messages of an array of `struct mmsghdr` that were sent, from the first one on; −1 when the kernel has no room now (a non-blocking socket).
 * @throws SystemCallError when the first one cannot be sent at all
 */
export function sendmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number {
  const result = raw.sendmmsg(fd, messages, count, flags);
  if (result < 0 && !isTemporary(koffi.errno())) throw new SystemCallError('sendmmsg', koffi.errno());
  return result;
}

/** How late the kernel may make the timers of the calling thread, ns; 50,000 unless it is set. */
export function setTimerSlack(nanoseconds: number): void {
  if (raw.prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0) < 0) throw new SystemCallError('prctl', koffi.errno());
}

/**
 * Lets the calling thread run whenever it wants to, before all ordinary ones; not what it starts. The kernel keeps a twentieth of the
 * processor for the others (sched_rt_runtime_us).
 * @throws SystemCallError without CAP_SYS_NICE.
 */
export function setRealTime(): void {
  const parameters = Buffer.alloc(4);
  parameters.writeInt32LE(1);
  if (raw.sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, parameters) < 0) {
    throw new SystemCallError('sched_setscheduler', koffi.errno());
  }
}

/** How many of the descriptors are ready; 0 when the time is over or a signal came. */
export function ppoll(fds: Uint8Array, count: number, timeout: Uint8Array | null): number {
  const result = raw.ppoll(fds, count, timeout, null);
  if (result >= 0) return result;
  if (koffi.errno() === koffi.os.errno['EINTR']) return 0;
  throw new SystemCallError('ppoll', koffi.errno());
}

/** Ends the whole process at once, from any thread, also when its main thread is busy and when it is PID 1. */
export function exitNow(code: number): never {
  raw._exit(code);
  throw new Error('_exit returned');
}

function isTemporary(errno: number): boolean {
  const { EAGAIN, EINTR, ENOBUFS } = koffi.os.errno;
  return errno === EAGAIN || errno === EINTR || errno === ENOBUFS;
}
