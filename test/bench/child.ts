import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { monotonicNow } from '../../src/kernel/index.ts';
import type { Figures } from './row.ts';

/** How long one run may take, ms. */
const PATIENCE = 300_000;

/** What a child process said: its JSON lines, merged, and when it ended (ms, CLOCK_MONOTONIC). */
export interface Said {
  figures: Figures;
  endedAt: number;
}

/** Runs a program of the folder inside/, which enters a sandbox of its own and writes figures as JSON lines. */
export function runInside(program: string, ...args: (string | number)[]): Promise<Said> {
  const file = fileURLToPath(new URL(`inside/${program}.ts`, import.meta.url));
  // In a test, tap puts its instruments into every Node.js that is started; what is measured runs without.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, '--import', import.meta.resolve('tsx'), file];
  return runChild('env', [...command, ...args.map(String)]);
}

/** Runs a program of the folder peers/ with Python, which is what Mininet is written in. */
export function runPeer(program: string, ...args: (string | number)[]): Promise<Said> {
  const file = fileURLToPath(new URL(`peers/${program}.py`, import.meta.url));
  return runChild('/usr/bin/python3', [file, ...args.map(String)]);
}

async function runChild(command: string, args: string[]): Promise<Said> {
  const { exitCode, signal, stdout, stderr } = await execa(command, args, {
    reject: false,
    timeout: PATIENCE,
    stdin: 'ignore',
  });
  const endedAt = monotonicNow();
  if (exitCode !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${signal ?? exitCode}: ${stderr}`);
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return { figures: Object.assign({}, ...lines.reverse().map((line) => JSON.parse(line))), endedAt };
}
