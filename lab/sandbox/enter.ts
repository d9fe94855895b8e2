import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { exitNow, MS_BIND, mount, NAMESPACE_FOLDER, reapOrphans } from '../../src/kernel/index.ts';
import { GO, KEPT_FOLDER, LIFELINE, MARK, onLines, READY, SETTLED, sandboxCommand } from './command.ts';
import { diagnose, readSettings } from './diagnose.ts';
import { UnsupportedError } from './unsupported.ts';

/**
 * The sandbox: this program again, as PID 1 of namespaces of its own (network, mount, process, and user when it has no privileges).
 *
 *     outer (this program) ── setpriv --pdeathsig ── unshare --kill-child ── inner (this program again, PID 1)
 *
 * When PID 1 ends, however it ends, the kernel kills all other processes there and frees every namespace, interface and mount.
 * So it is enough that PID 1 always ends: `--pdeathsig` ends unshare with the outer, `--kill-child` ends the inner with unshare, both by
 * SIGKILL from the kernel. What they leave open is the instant before they are set; the lifeline, a socket between outer and
 * inner, closes that: the inner starts work only after the outer answered, and ends at its end of file.
 *
 * The inner is a session of its own, so a signal from the terminal has one way only: to the outer, and over the lifeline.
 *
 * A sandbox that stays in the background (background.ts) leaves out `--pdeathsig`, and lets go of the lifeline when it has settled.
 */

/** Exit code of the outer process when the inner one was killed: a run that did not finish has failed. */
const EXIT_KILLED = 1;
/** How long an interrupted inner process may clean up before it is ended, ms. */
const GRACE = 5_000;

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof SIGNALS;

/** The program was asked to stop: the reason of `Sandbox.interrupted`. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
  /** 128 + the signal's number, as shells have it. */
  readonly exitCode: number;

  constructor(signal: Signal) {
    super(`interrupted by ${signal}`);
    this.exitCode = SIGNALS[signal];
  }
}

/** What the inner process gets. */
export interface Sandbox {
  inside: true;
  /**
   * Aborted, with an `InterruptedError`, at the first SIGINT, SIGTERM or SIGHUP: clean up and exit with its code. After 5 s the process ends
   * anyway; a second signal ends everything at once.
   */
  interrupted: AbortSignal;
  /**
   * Tells who started it in the background that what it was started for is there. From then on it goes on when that one ends, unless the
   * kernel ties the two together.
   */
  settle(): void;
}

/** What the outer process gets when the inner one has ended: its exit code, to end with. */
export interface Outside {
  inside: false;
  exitCode: number;
}

/**
 * Runs this program again inside a new sandbox and resolves twice: in the inner process when the sandbox is ready, in the outer one when
 * the inner has ended. Call it before anything that should happen once. If the inner one is killed, the outer says so and its exit code is 1.
 * @throws UnsupportedError (exit code 77) when this machine does not allow it; says why, and what mends it.
 */
export async function enterSandbox(): Promise<Sandbox | Outside> {
  if (process.env[MARK] === undefined || process.pid !== 1) {
    return { inside: false, exitCode: await runInSandbox(process.argv.slice(2)) };
  }
  delete process.env[MARK];
  // The pool exists by now; the programs of the lab need none of that size.
  delete process.env['UV_THREADPOOL_SIZE'];
  return prepareInside();
}

/**
 * Runs this program with other arguments, which must lead it to `enterSandbox`, in a new sandbox. Several may run at the same time.
 * @returns its exit code.
 * @throws UnsupportedError (exit code 77) when this machine does not allow it; says why, and what mends it.
 */
export async function runInSandbox(args: readonly string[]): Promise<number> {
  const { program, args: rest, env, rootless } = sandboxCommand(args, true);
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      detached: true,
      stdio: ['inherit', 'inherit', 'pipe', 'pipe', process.stderr.fd],
      env,
    });
    const lifeline = child.stdio[LIFELINE] as Socket;
    let output = '';
    let started = false;
    let ended: number | undefined;
    let interruptedBy: Signal | undefined;

    child.stderr!.on('data', (data) => {
      output += data;
    });
    lifeline.on('error', () => {}); // the inner is gone; `close` tells how
    onLines(lifeline, (line) => {
      if (line === READY) {
        started = true;
        lifeline.write(`${GO}\n`);
      } else ended = Number(line);
    });
    const forward = (signal: Signal): void => {
      if (interruptedBy !== undefined || !started) child.kill('SIGKILL');
      else lifeline.write(`${signal}\n`);
      interruptedBy ??= signal;
    };
    const signals = Object.keys(SIGNALS) as Signal[];
    for (const signal of signals) process.on(signal, forward);
    const done = (): void => {
      for (const signal of signals) process.off(signal, forward);
    };

    child.once('error', (error: NodeJS.ErrnoException) => {
      done();
      reject(new UnsupportedError(`no sandbox: ${program} could not be started (${error.message})`));
    });
    child.once('exit', () => lifeline.end());
    // `close` comes when the inner process, too, has let go of the lifeline.
    child.once('close', (code, signal) => {
      done();
      if (ended !== undefined) return resolve(ended);
      if (interruptedBy !== undefined) return resolve(SIGNALS[interruptedBy]);
      if (!started && code !== null) return reject(diagnose({ output, rootless, settings: readSettings() }));
      process.stderr.write(
        `the sandbox was killed (${signal ?? 'SIGKILL'}) before it finished; nothing of it is left\n`,
      );
      resolve(EXIT_KILLED);
    });
  });
}

function prepareInside(): Sandbox {
  handshake();
  coverRun();
  mkdirSync(NAMESPACE_FOLDER);
  mount('castlab', '/sys', 'sysfs', 0);
  reapOrphans();

  // The number of a descriptor that is closed may soon be another's.
  let connected = true;
  const tellEnd = (code: number): void => {
    if (connected) tell(String(code));
  };
  const controller = new AbortController();
  const interrupt = (signal: Signal): void => {
    const giveUp = () => {
      tellEnd(SIGNALS[signal]);
      exitNow(SIGNALS[signal]);
    };
    if (controller.signal.aborted) giveUp();
    setTimeout(giveUp, GRACE).unref();
    controller.abort(new InterruptedError(signal));
  };
  // PID 1 ignores what it has no handler for.
  for (const signal of Object.keys(SIGNALS) as Signal[]) process.on(signal, interrupt);

  const lifeline = new Socket({ fd: LIFELINE, readable: true, writable: false });
  onLines(lifeline, (line) => interrupt(line as Signal));
  const orphaned = () => exitNow(EXIT_KILLED);
  lifeline.once('end', orphaned).once('error', orphaned);
  lifeline.once('close', () => {
    connected = false;
  });
  lifeline.unref();
  process.once('exit', tellEnd);
  const settle = () => {
    lifeline.off('end', orphaned).off('error', orphaned);
    lifeline.on('error', () => {});
    if (connected) tell(SETTLED);
  };
  return { inside: true, interrupted: controller.signal, settle };
}

/** Puts an empty /run in place of the machine's own, all but the folder that is to be kept. */
function coverRun(): void {
  const kept = process.env[KEPT_FOLDER];
  delete process.env[KEPT_FOLDER];
  const fd = kept === undefined ? undefined : openSync(kept, 'r');
  mount('castlab', '/run', 'tmpfs', 0, 'mode=755');
  if (fd === undefined) return;
  mkdirSync(kept!, { recursive: true });
  mount(`/proc/self/fd/${fd}`, kept!, 'none', MS_BIND);
  closeSync(fd);
}

/** Tells the outer process that this one runs, and waits for its answer: from then on the kernel ties the two together. */
function handshake(): void {
  writeSync(LIFELINE, `${READY}\n`);
  const answer = Buffer.alloc(GO.length + 1);
  if (readSync(LIFELINE, answer) !== answer.length) exitNow(EXIT_KILLED);
}

/** Says something on the lifeline. The last thing there is the exit code: without it the outer process knows that this one was killed. */
function tell(line: string): void {
  try {
    writeSync(LIFELINE, `${line}\n`);
  } catch {
    // Nobody is left to tell.
  }
}
