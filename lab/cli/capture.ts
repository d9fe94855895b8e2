import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError, suggestion } from '../../src/document/index.ts';
import { LAB_FILES, type LabRecord, labNamed } from '../live/index.ts';
import { startCapture } from '../observe/capture.ts';
import type { Plan } from '../plan/index.ts';
import { enterLab, exitCodeOf } from './exec.ts';

interface Options {
  output?: string;
  node?: string;
  link?: string;
  whole?: true;
}

/** Bytes of the longest frame, for --whole. */
const LONGEST = 65_535;

/** `castlab capture`: overlay frames as they cross links, for Wireshark and its relatives. */
export function register(program: Command): void {
  program
    .command('capture')
    .description('overlay frames of a lab as they cross its links, as pcapng, until Ctrl-C')
    .argument('<lab>', 'name of the lab')
    .option('-o, --output <file>', 'write there; default: standard output, for a pipe')
    .option('--node <node>', 'only at the link ends of this host, switch or router')
    .option('--link <link>', 'only at both ends of this link')
    .option('--whole', 'whole frames; default: of data only the headers')
    .addHelpText('after', '\nExample:\n  castlab capture ring | tshark -l -r -')
    .action(capture);
  program
    .command('capture-inside', { hidden: true })
    .description('captures to standard output until standard input ends; castlab capture starts it in the lab')
    .argument('<plan>', 'file with the plan of the lab')
    .argument('<links>', 'names of the links')
    .argument('<node>', 'only at link ends of this node, if it is not empty')
    .option('--whole')
    .addHelpText('after', '\nExample:\n  castlab capture ring -o ring.pcapng')
    .action(captureHere);
}

async function capture(name: string, { output, node, link, whole }: Options): Promise<void> {
  const lab = labNamed(name);
  const { nodes, links } = lab.record;
  if (node !== undefined && !nodes.includes(node)) {
    throw new InputError(`castlab capture: unknown host, switch or router "${node}"${suggestion(node, nodes)}`);
  }
  const wanted = link === undefined ? links : [linkNamed(lab.record, link)];
  if (output === undefined && process.stdout.isTTY) {
    throw new InputError(
      'castlab capture: a capture is not for a terminal: name a file with -o, or pipe it into tshark -r -',
    );
  }
  const program = [process.execPath, ...process.execArgv, process.argv[1]!];
  const args = [
    'capture-inside',
    join(lab.folder, LAB_FILES.plan),
    wanted.join(','),
    node ?? '',
    ...(whole ? ['--whole'] : []),
  ];
  // Its standard input ends with this process, however that ends, and it with that.
  const child = enterLab(
    lab,
    ['exec', name, nodes[0]!, '--', ...program, ...args],
    'pipe',
    output === undefined ? 'inherit' : open(output),
  );
  child.stdin!.on('error', () => {}); // it has ended already
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.stdin!.end());
  process.exitCode = await exitCodeOf(child);
}

function linkNamed({ links }: LabRecord, link: string): string {
  const turned = link.split('--').reverse().join('--');
  const found = links.find((known) => known === link || known === turned);
  if (found === undefined) throw new InputError(`castlab capture: unknown link "${link}"${suggestion(link, links)}`);
  return found;
}

function open(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw new InputError([{ file, message: `cannot be written: ${(error as Error).message}` }]);
  }
}

async function captureHere(planFile: string, links: string, node: string, { whole }: { whole?: true }): Promise<void> {
  const plan = JSON.parse(readFileSync(planFile, 'utf8')) as Plan;
  const wanted = plan.links.filter(({ name }) => links.split(',').includes(name));
  const places = new Set(node === '' ? wanted.flatMap(({ a, b }) => [a.node, b.node]) : [node]);
  const part = {
    ...plan,
    links: node === '' ? wanted : wanted.filter(({ a, b }) => a.node === node || b.node === node),
    namespaces: plan.namespaces.filter(({ name }) => places.has(name)),
  };
  // The terminal's Ctrl-C reaches this process, too: the end of its input comes with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  const capture = await startCapture(part, {
    descriptor: 1,
    ...(whole && { snap: { whole: LONGEST, head: LONGEST } }),
  });
  process.stderr.write('castlab: capturing\n');
  const over = new Promise<void>((resolve) => process.stdin.once('end', resolve).resume());
  try {
    await Promise.race([over, capture.failed]);
    await capture.stop();
  } catch (error) {
    // Whoever read it has seen enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
  process.exit(0);
}
