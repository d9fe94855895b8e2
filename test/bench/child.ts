import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
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
  return runChild(process.execPath, ['--import', import.meta.resolve('tsx'), file, ...args.map(String)]);
}

/** Runs a program of the folder peers/ with Python, which is what Mininet is written in. */
export function runPeer(program: string, ...args: (string | number)[]): Promise<Said> {
  const file = fileURLToPath(new URL(`peers/${program}.py`, import.meta.url));
  return runChild('/usr/bin/python3', [file, ...args.map(String)]);
}

async function runChild(command: string, args: string[]): Promise<Said> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE });
  const output = text(child.stdout);
  const complaint = text(child.stderr);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const endedAt = monotonicNow();
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}: ${await complaint}`);
  const lines = (await output).split('\n').filter((line) => line.startsWith('{'));
  return { figures: Object.assign({}, ...lines.reverse().map((line) => JSON.parse(line))), endedAt };
}
