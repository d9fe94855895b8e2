/** Runs the built castlab as a user would, and reads what it left behind. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Traversal } from '../../lab/observe/ledger.ts';
import type { RunResult } from '../../lab/report/index.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist/castlab.js');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Starts castlab; `ended` settles when it has. */
export function start(args: string[], options: { cwd?: string } = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd ?? root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // tap instruments node processes of a test through NODE_OPTIONS; the product is run as it is.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return { child, ended };
}

export const castlab = (...args: string[]): Promise<Ended> => start(args).ended;

/** A folder that goes when the test ends. */
export function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'castlab-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs topologies (files, or texts that become files) and returns their results, in order, with what castlab printed. */
export async function runTopologies(t: Test, ...sources: string[]): Promise<{ results: RunResult[]; ended: Ended }> {
  const folder = temporaryFolder(t);
  const files = sources.map((source, index) => {
    if (!source.includes('\n')) return source;
    const file = join(folder, `topology-${index}.yaml`);
    writeFileSync(file, source);
    return file;
  });
  const ended = await castlab('run', ...files, '--reporter', 'json', '--out', join(folder, 'runs'));
  const results = ended.stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunResult);
  if (results.length !== files.length) t.fail(`castlab said: ${ended.stderr}`);
  return { results, ended };
}

/** The ledger of a run. */
export function readLedger(result: RunResult): Traversal[] {
  const text = readFileSync(join(result.folder, 'ledger.jsonl'), 'utf8').trim();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Traversal);
}

/** The first point whose title contains `words`. */
export const pointAbout = (result: RunResult, words: string) =>
  result.points.find((point) => point.title.includes(words));

export const readTopology = (name: string) => readFileSync(join(root, 'topologies', name), 'utf8');
