/** Runs the built castlab as a user would, and reads what it left behind. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Traversal } from '../../lab/observe/ledger.ts';
import { readLedgerLines } from '../../lab/observe/ledger-file.ts';
import type { RunResult } from '../../lab/report/index.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist/castlab.js');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Becomes a user without any privilege, and without a home. */
export const asNobody = [
  'setpriv',
  '--reuid',
  '65534',
  '--regid',
  '65534',
  '--clear-groups',
  'env',
  'HOME=/nonexistent',
];

/** Starts castlab, through the command `as` if given; `ended` settles when it has. */
export function start(args: string[], options: { cwd?: string; as?: readonly string[] } = {}) {
  // tap puts its instruments into every child's NODE_OPTIONS; the product is run without.
  const command = [...(options.as ?? []), 'env', '-u', 'NODE_OPTIONS', process.execPath, program, ...args];
  const child = spawn(command[0]!, command.slice(1), {
    cwd: options.cwd ?? root,
    stdio: ['ignore', 'pipe', 'pipe'],
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

export interface Ran {
  results: RunResult[];
  ended: Ended;
}

/** Runs topologies (files, or texts that become files) and returns their results, in order, with what castlab printed. */
export const runTopologies = (t: Test, ...sources: string[]): Promise<Ran> => runWith(t, [], ...sources);

/** The same with options of `castlab run`. */
export async function runWith(t: Test, options: readonly string[], ...sources: string[]): Promise<Ran> {
  const folder = temporaryFolder(t);
  const files = sources.map((source, index) => {
    if (!source.includes('\n')) return source;
    const file = join(folder, `topology-${index}.yaml`);
    writeFileSync(file, source);
    return file;
  });
  const ended = await castlab('run', ...files, ...options, '--reporter', 'json', '--out', join(folder, 'runs'));
  const results = ended.stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunResult);
  if (results.length !== files.length) t.fail(`castlab said: ${ended.stderr}`);
  return { results, ended };
}

/**
 * The same, and once more by itself each whose capture has missed frames because this machine was too busy for a moment: such a run proves
 * nothing. @returns the results that count, in order, and how the first run ended
 */
export async function runWitnessed(t: Test, ...sources: string[]): Promise<Ran & { first: RunResult[] }> {
  const { results: first, ended } = await runTopologies(t, ...sources);
  const results: RunResult[] = [];
  for (const [i, result] of first.entries()) {
    const missed = result.figures.captureDrops > 0;
    if (missed) t.comment(`${result.topology}: the capture missed ${result.figures.captureDrops} frames; once more`);
    results.push(missed ? (await runTopologies(t, sources[i]!)).results[0]! : result);
  }
  return { results, first, ended };
}

/** The ledger of a run. */
export function readLedger(result: RunResult): Traversal[] {
  const text = readFileSync(join(result.folder, 'ledger.jsonl'), 'utf8');
  return [...readLedgerLines(text.split('\n')).traversals];
}

/** The first point whose title contains `words`. */
export const pointAbout = (result: RunResult, words: string) =>
  result.points.find((point) => point.title.includes(words));

/** Two zones, three targets, everything once: for tests that are about running, not about the overlay. */
export const smallTopology = `name: small
defaults: { edge: { rate: 100mbit }, trunk: { rate: 100mbit } }
zones:
  west: { hosts: { i1: initiator, t3: target } }
  east: { hosts: { t1: target, t2: target } }
trunks: [{ between: [west, east] }]
scenario:
  - put: { from: i1, size: 64KiB, count: 2 }
  - get: { by: i1 }
expect:
  delivered: all
  stored: 3
  traversals: { on: trunks, per-datagram: 1 }
`;

/** Writes a topology file into a folder that goes with the test, and returns its path. */
export function topologyFile(t: Test, text: string = smallTopology): string {
  const file = join(temporaryFolder(t), 'topology.yaml');
  writeFileSync(file, text);
  return file;
}

/** The points of a run that do not hold. A time that this machine was too busy to judge is none of them: it says so itself. */
export const brokenPoints = (result: RunResult) =>
  result.points.filter(
    ({ outcome, title }) => outcome === 'fail' || (outcome === 'inconclusive' && !/one-way/.test(title)),
  );

export const readTopology = (name: string) => readFileSync(join(root, 'topologies', name), 'utf8');
