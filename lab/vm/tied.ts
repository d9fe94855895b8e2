import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { installCommand } from '../sandbox/packages.ts';
import { UnsupportedError } from '../sandbox/unsupported.ts';
import { END_LIMIT } from './constants.ts';

/** Descriptor of the socket by which a program, before it becomes itself, learns that this one still lives. */
const LIFELINE = 3;
/** The first of a tied program's own sockets. */
export const FIRST_SOCKET = 4;

/** Once the kernel ties it, it asks whether this program lives, which it may have failed to do before. */
const ASK = `echo >&${LIFELINE} && read -r go <&${LIFELINE} && exec "$@" ${LIFELINE}>&-`;

export interface TiedOptions {
  /** Commands that run the rest in other namespaces, and may not fork. */
  within?: readonly string[];
  /** Sockets between this program and that one, which has them as descriptors from FIRST_SOCKET. */
  sockets?: number;
}

/** A program that the kernel ends with this one, however this one ends. */
export interface Tied {
  process: ChildProcess;
  sockets: Duplex[];
  /** What it said on standard output and standard error. */
  said(): string;
  /** Settles when it has ended and everything that it wrote has been read; with words for how. */
  ended: Promise<string>;
}

/**
 * Starts a program in a session of its own, so that no signal from the terminal reaches it, and ties it to this one.
 * @throws UnsupportedError when there is no setpriv, Error with its words when it does not start.
 */
export async function startTied(command: readonly string[], options: TiedOptions = {}): Promise<Tied> {
  const { within = [], sockets = 0 } = options;
  // Entering a user namespace would undo the tie, so that comes first.
  const all = [...within, 'setpriv', '--pdeathsig', 'KILL', '--', 'sh', '-c', ASK, 'sh', ...command];
  const child = spawn(all[0]!, all.slice(1), {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...Array<'pipe'>(sockets).fill('pipe')],
  });
  let said = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const lifeline = child.stdio[LIFELINE] as Duplex;
  const own = child.stdio.slice(FIRST_SOCKET) as Duplex[];
  for (const socket of [lifeline, ...own]) socket.on('error', () => {}); // it has ended, which `ended` tells
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  try {
    const asked = once(lifeline, 'data').then(() => undefined);
    const how = await Promise.race([asked, ended]);
    if (how !== undefined) throw new Error(`${command[0]} did not start: ${said.trim() || how}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UnsupportedError(`no VM: the program "${all[0]}" was not found`, installCommand(['util-linux']));
  }
  lifeline.write('go\n');
  return { process: child, sockets: own, said: () => said.trim(), ended };
}

/** Asks a tied program to end, and ends it if it does not. */
export async function end({ process, ended }: Tied): Promise<void> {
  process.kill('SIGTERM');
  const timer = new AbortController();
  const late = pause(END_LIMIT, undefined, { signal: timer.signal }).then(
    () => process.kill('SIGKILL'),
    () => {}, // it ended in time
  );
  await ended;
  timer.abort();
  await late;
}
