import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { GO, KEPT_FOLDER, LIFELINE, onLines, READY, SETTLED, sandboxCommand } from './command.ts';
import { diagnose, readSettings } from './diagnose.ts';
import { UnsupportedError } from './unsupported.ts';

export interface BackgroundOptions {
  /** Whether the kernel ends the sandbox when this process ends; otherwise it goes on. */
  tied: boolean;
  /** File for whatever the inner process writes. */
  output: string;
  /** A folder that it must see, wherever it lies. */
  folder: string;
  /** Called with the number of its PID 1, as it is outside, before that does anything. */
  onStart(pid: number): void;
}

/** The inner process ended before it had settled. */
export class EndedError extends Error {
  override name = 'EndedError';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`it ended with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** What keeps the event loop of Node.js from ending. */
interface Referenced {
  unref(): void;
}

/**
 * Runs this program with other arguments, which must lead it to `enterSandbox`, in a new sandbox; resolves when it has settled. Until then it
 * ends with this process in any case.
 * @throws EndedError when it ends first; UnsupportedError (exit code 77) when this machine does not allow a sandbox.
 */
export async function startInSandbox(args: readonly string[], options: BackgroundOptions): Promise<void> {
  const { program, args: rest, env, rootless } = sandboxCommand(args, options.tied);
  const output = openSync(options.output, 'a');
  const child = spawn(program, rest, {
    detached: true,
    stdio: ['ignore', output, 'pipe', 'pipe', output],
    env: { ...env, ...(options.folder.startsWith('/run/') && { [KEPT_FOLDER]: options.folder }) },
  });
  closeSync(output);
  return new Promise((resolve, reject) => {
    const lifeline = child.stdio[LIFELINE] as Socket;
    let said = '';
    let started = false;
    let ended: number | undefined;
    child.stderr!.on('data', (data) => {
      said += data;
    });
    lifeline.on('error', () => {}); // `close` tells what became of it
    onLines(lifeline, (line) => {
      if (line === READY) {
        started = true;
        options.onStart(childOf(child.pid!));
        lifeline.write(`${GO}\n`);
      } else if (line === SETTLED) {
        for (const held of [child, child.stderr, lifeline]) (held as unknown as Referenced).unref();
        resolve();
      } else ended = Number(line);
    });
    child.once('error', (error) =>
      reject(new UnsupportedError(`no sandbox: ${program} could not be started (${error.message})`)),
    );
    child.once('exit', () => lifeline.end());
    child.once('close', (code) => {
      if (ended !== undefined || started || code === null) reject(new EndedError(ended ?? 1));
      else reject(diagnose({ output: said, rootless, settings: readSettings() }));
    });
  });
}

/** The one child of `unshare`: PID 1 of the sandbox. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}
