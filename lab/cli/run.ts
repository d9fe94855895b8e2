import { existsSync } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '../../src/document/index.ts';
import { FILES } from '../observe/evidence-folder.ts';
import { compile, type LinkMode, linkModes } from '../plan/index.ts';
import { exitCodeOf, type RunResult, reporters, summaryTable, writeReport } from '../report/index.ts';
import { brokenResult } from '../run/broken.ts';
import { readResult } from '../run/evidence-files.ts';
import { makeRunFolder } from '../run/folder.ts';
import { runInSandbox, UnsupportedError } from '../sandbox/index.ts';
import type { Topology } from '../topology/index.ts';
import { wholeNumber } from './numbers.ts';
import { readTopology } from './read-topology.ts';
import { inShard, parseShard, type Shard } from './shard.ts';

interface Options {
  reporter: string;
  out: string;
  seed: number;
  jobs: number;
  links: LinkMode;
  shard?: Shard;
}

export function register(program: Command): void {
  program
    .command('run')
    .description('build topologies, run their scenarios, judge their expectations')
    .argument('<file-or-folder...>', 'topology files, or folders of them')
    .addOption(new Option('--reporter <name>', 'form of the results').choices(Object.keys(reporters)).default('tap'))
    .option('--out <dir>', 'where run folders go', 'runs')
    .option('--seed <n>', 'what generated objects and impairments derive from', wholeNumber(0), 1)
    .option('--jobs <n>', 'how many topologies at a time (timings suffer)', wholeNumber(1), 1)
    .addOption(
      new Option('--links <backend>', 'who does delay, jitter, loss: the kernel where it can, or the one named')
        .choices(linkModes)
        .default('auto'),
    )
    .option('--shard <part/of>', 'only this part of the topologies, e.g. 3/8', parseShard)
    .addHelpText(
      'after',
      `
Exit code: 0 all pass, 1 something fails, 2 bad input, 3 inconclusive, 77 this machine lacks what a topology needs.

Example: castlab run topologies/ring-vias.yaml --reporter spec`,
    )
    .action(async (paths: string[], options: Options) => {
      const topologies = await loadAll(paths);
      const { shard } = options;
      const chosen = shard === undefined ? topologies : inShard(topologies, shard);
      process.exitCode = await runAll(
        chosen.map((topology) => ({ topology })),
        options,
      );
    });
}

/** Loads everything before anything starts: bad input stops the whole command with all its problems. */
async function loadAll(paths: readonly string[]): Promise<Topology[]> {
  const files = (await Promise.all(paths.map(topologyFiles))).flat();
  const problems: InputError[] = [];
  const topologies: Topology[] = [];
  for (const file of files) {
    try {
      const topology = await readTopology(file);
      compile(topology);
      topologies.push(topology);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(error);
    }
  }
  if (problems.length > 0) throw new InputError(problems.flatMap((error) => error.problems));
  return topologies;
}

/** The file itself, or the topology files of a folder in the order of their names. */
async function topologyFiles(path: string): Promise<string[]> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: ${error.code === 'ENOENT' ? 'no such file or folder' : error.message}`);
  });
  if (!info.isDirectory()) return [path];
  const files = (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).sort();
  if (files.length === 0) throw new InputError(`${path}: no topology file (*.yaml) in this folder`);
  return files.map((name) => join(path, name));
}

/** What is to be run. */
export interface Task {
  topology: Topology;
  /** YAML of it, when no file says the same. */
  text?: string;
}

/** Runs every topology in a sandbox of its own, `jobs` at a time, reports each in the order given, and returns the exit code. */
export async function runAll(tasks: readonly Task[], options: Options): Promise<number> {
  const reporter = reporters[options.reporter]!();
  const say = (text: string) => process.stdout.write(text);
  const results: RunResult[] = [];
  const report = ({ result }: Ended) => {
    results.push(result);
    say(reporter.result(result));
  };
  say(reporter.start(tasks.length));
  const underWay: Promise<Ended>[] = [];
  for (const [index, task] of tasks.entries()) {
    if (underWay.length === options.jobs) {
      const ended = await underWay.shift()!;
      if (ended.interrupted !== undefined) return ended.interrupted;
      report(ended);
    }
    progress(`${index + 1} of ${tasks.length}: ${task.topology.name}`);
    underWay.push(runOne(task, options));
  }
  for (const pending of underWay) {
    const ended = await pending;
    if (ended.interrupted !== undefined) return ended.interrupted;
    report(ended);
  }
  progress('');
  say(reporter.end(results));
  if (options.reporter !== 'spec') process.stderr.write(summaryTable(results));
  return exitCodeOf(results);
}

interface Ended {
  result: RunResult;
  /** Exit code of a run that a signal ended. */
  interrupted?: number;
}

/** Shells report an end by signal as 128 + its number. */
const endedBySignal = (exitCode: number) => exitCode > 128;

async function runOne({ topology, text }: Task, { out, seed, links }: Options): Promise<Ended> {
  const folder = await makeRunFolder(out, topology.name, new Date());
  const file = text === undefined ? topology.file : join(folder, 'topology.yaml');
  if (text !== undefined) await writeFile(file, text);
  const broken = (error: Error, outcome?: 'unsupported') =>
    brokenResult(topology, { folder, seed, links }, 'the sandbox runs to the end', error, outcome);
  try {
    const how = ['--folder', folder, '--seed', String(seed), '--links', links];
    const exitCode = await runInSandbox(['run-inside', file, ...how]);
    const result = (await readResult(folder, Date.now())) ?? broken(new Error(`it ended with exit code ${exitCode}`));
    if (existsSync(join(folder, FILES.observations))) await reportOn(result);
    return { result, ...(endedBySignal(exitCode) && { interrupted: exitCode }) };
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return { result: broken(error, 'unsupported') };
  }
}

/** A page that cannot be written takes nothing from the result. */
async function reportOn(result: RunResult): Promise<void> {
  try {
    await writeReport(result);
  } catch (error) {
    console.error(`castlab: warning: ${result.folder} has no report.html: ${(error as Error).message}`);
  }
}

/** One line on the terminal that is written over; nothing anywhere else. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
