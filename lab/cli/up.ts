import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { InputError } from '../../src/document/index.ts';
import { type KnownLab, startLab } from '../live/index.ts';
import { type LinkMode, linkModes } from '../plan/index.ts';
import { exitCodes } from '../report/index.ts';
import { UnsupportedError } from '../sandbox/index.ts';
import type { Topology } from '../topology/index.ts';
import { wholeNumber } from './numbers.ts';
import { readTopology } from './read-topology.ts';

interface Options {
  name?: string;
  count: number;
  seed: number;
  links: LinkMode;
}

/** `castlab up`: labs that stay when the command ends. */
export function register(program: Command): void {
  program
    .command('up')
    .description('build topologies and start their nodes, in the background: labs to work in')
    .argument('<file...>', 'topology files')
    .option('--name <name>', 'name of the lab; default: that of the topology, with a number where it is taken')
    .option('--count <n>', 'how many labs of each file', wholeNumber(1), 1)
    .option('--seed <n>', 'what generated objects and impairments derive from', wholeNumber(0), 1)
    .addOption(
      new Option('--links <backend>', 'who does delay, jitter, loss: the kernel where it can, or the one named')
        .choices(linkModes)
        .default('auto'),
    )
    .addHelpText(
      'after',
      `
The scenario of a topology is not played, and nothing is judged before castlab expect asks.
A lab outlives its terminal, and ends with castlab down, or when its PID 1 is killed.

Example:
  castlab up topologies/ring.yaml && castlab status ring`,
    )
    .action(async (files: string[], options: Options) => {
      process.exitCode = await up(files, options);
    });
}

async function up(files: readonly string[], { name, count, seed, links }: Options): Promise<number> {
  const topologies = await Promise.all(files.map(readTopology));
  const wanted = topologies.flatMap((topology) => Array.from({ length: count }, () => topology));
  if (name !== undefined) checkName(name, wanted.length);
  const errors: Error[] = [];
  const start = async (topology: Topology) => {
    try {
      report(await startLab(topology, { seed, links, tied: false, ...(name !== undefined && { name }) }));
    } catch (error) {
      errors.push(error as Error);
    }
  };
  // To start is work for the processors: more at a time would only wait for each other.
  const queue = [...wanted];
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await start(next);
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, lane));

  const [worst] = [...errors].sort((a, b) => rank(a) - rank(b));
  if (worst === undefined) return exitCodes.pass;
  for (const error of errors) if (error !== worst) process.stderr.write(`castlab: ${error.message}\n`);
  if (rank(worst) > 0) throw worst;
  process.stderr.write(`castlab: the lab did not come up: ${worst.message}\n`);
  return exitCodes.fail;
}

/** A failure says more than bad input, and that more than a machine that lacks something. */
function rank(error: Error): number {
  if (error instanceof InputError) return 1;
  return error instanceof UnsupportedError ? 2 : 0;
}

function checkName(name: string, labs: number): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) {
    throw new InputError('castlab: a lab is named with letters, digits, ".", "_" and "-"');
  }
  if (labs > 1) throw new InputError('castlab: --name is for one lab, and these are several');
}

function report({ record }: KnownLab): void {
  const { name, nodes, links } = record;
  process.stdout.write(`${name} is up: ${nodes.length} hosts and switches, ${links.length} links\n`);
}
