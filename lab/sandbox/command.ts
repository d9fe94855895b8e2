import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { delimiter } from 'node:path';
import { assertPrograms, searchPath } from './programs.ts';

/** What the process outside of a sandbox and the one inside agree upon. */

/** Marks the inner process in its environment. */
export const MARK = 'CASTLAB_SANDBOX';
/** Environment variable of the inner process: a folder below /run that it goes on seeing under its name. */
export const KEPT_FOLDER = 'CASTLAB_KEPT_FOLDER';
/** Descriptors that the inner process finds open. Node.js keeps them from the programs that it starts. */
export const LIFELINE = 3;
export const REAL_STDERR = 4;
/**
 * What goes over the lifeline, one a line: the inner's READY, the outer's GO, signals to the inner; of one that stays in the background SETTLED,
 * when what it was started for is there; at last the inner's exit code.
 */
export const READY = 'ready';
export const GO = 'go';
export const SETTLED = 'settled';
/** Threads of the inner process that wait for slow system calls: as many packet sockets open and close together (src/kernel). */
const THREADS = 64;
/** linux/capability.h */
const CAP_SYS_ADMIN = 21n;

/** A command that starts this program again as PID 1 of a sandbox, and the environment that it takes. */
export interface SandboxCommand {
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Whether it asks for a user namespace: the caller has no CAP_SYS_ADMIN of its own. */
  rootless: boolean;
}

/**
 * @param args of this program; they must lead it to `enterSandbox`.
 * @param tied whether the kernel ends the sandbox with the process that starts the command.
 * @throws UnsupportedError where the programs that make a sandbox are missing.
 */
export function sandboxCommand(args: readonly string[], tied: boolean): SandboxCommand {
  assertPrograms('util-linux');
  const rootless = !hasSysAdmin();
  // What a test runner tells Node.js is for the test only.
  const forget = castlab === undefined ? '' : 'unset NODE_OPTIONS; ';
  const [program, ...rest] = [
    ...(tied ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []),
    ...['unshare', '--net', '--pid', '--kill-child', '--mount-proc', '--propagation', 'private'],
    ...(rootless ? ['--user', '--map-root-user'] : []),
    // What setpriv and unshare say is caught, to explain it; the program itself gets the real standard error back.
    ...['--', 'sh', '-c', `${forget}exec "$@" 2>&${REAL_STDERR} ${REAL_STDERR}>&-`, 'sh'],
    ...[process.execPath, ...ownProgram(), ...args],
  ];
  const env = {
    ...process.env,
    PATH: searchPath().join(delimiter),
    [MARK]: 'inside',
    UV_THREADPOOL_SIZE: String(THREADS),
  };
  return { program: program!, args: rest, env, rootless };
}

/** Whether this process may make namespaces and mount by itself, as root does. */
export function hasSysAdmin(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

let castlab: string | undefined;

/** Says where castlab's own program is, in a process that runs another one: a test that uses the library. */
export function setOwnProgram(path: string): void {
  castlab = path;
}

/** castlab's program, as arguments of Node.js. */
const ownProgram = () => (castlab === undefined ? [...process.execArgv, process.argv[1]!] : [castlab]);

/** Calls `handle` with every line that comes. */
export function onLines(socket: Socket, handle: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    lines.forEach(handle);
  });
}
