import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { CONSOLE_KEPT } from './constants.ts';
import { EXIT, UP } from './guest.ts';
import { SOCKETS } from './qemu.ts';
import type { Tied } from './tied.ts';

/** A running guest, seen from its QEMU's sockets. */
export interface GuestLink {
  /** Settles when the command is about to start. */
  up: Promise<true>;
  /** Settles with the exit code of the command. */
  exit: Promise<number>;
  /** Passes a signal to the command, e.g. SIGINT. */
  signal(name: NodeJS.Signals): void;
  /** What the guest's console said last. */
  console(): string;
  stdout: Duplex;
  stderr: Duplex;
  /** What the guest has as its terminal, where it has one. */
  terminal: Duplex | undefined;
}

/** Reads and writes the sockets of a QEMU that `qemuCommand` describes. */
export function linkGuest({ sockets }: Tied): GuestLink {
  const socket = (name: (typeof SOCKETS)[number]) => sockets[SOCKETS.indexOf(name)];
  let console = '';
  socket('console')!
    .setEncoding('utf8')
    .on('data', (text: string) => {
      console = (console + text).slice(-CONSOLE_KEPT);
    });
  const control = socket('control')!.setEncoding('utf8');
  const lines = createInterface({ input: control, crlfDelay: Number.POSITIVE_INFINITY });
  const said = <T>(read: (line: string) => T | undefined) =>
    new Promise<T>((resolve) => {
      lines.on('line', (line) => {
        const value = read(line);
        if (value !== undefined) resolve(value);
      });
    });
  return {
    up: said((line) => (line === UP ? true : undefined)),
    exit: said((line) => (line.startsWith(`${EXIT} `) ? Number(line.slice(EXIT.length)) : undefined)),
    signal: (name) => control.write(`${name.replace(/^SIG/, '')}\n`),
    console: () => console,
    stdout: socket('stdout')!,
    stderr: socket('stderr')!,
    terminal: socket('terminal'),
  };
}
