import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../src/document/index.ts';
import { FILES } from '../observe/evidence-folder.ts';
import { topologyPicture } from '../report/picture.ts';
import { expandTopology } from '../topology/index.ts';
import { readTopology } from './read-topology.ts';
import { describeDatagram } from './show-datagram.ts';

/** `castlab show`: a topology as a picture, or written out in full; of a run, the way of a datagram. */
export function register(program: Command): void {
  program
    .command('show')
    .description(
      'draw a topology as SVG, or print it with shapes and defaults written out; or the way of a datagram of a run',
    )
    .argument('<file-or-run>', 'topology file, or run folder')
    .option('-o, --output <file>', 'write there, not to standard output')
    .option('--expand', 'YAML with every generated zone and every link property, in place of the picture')
    .option(
      '--datagram <id>',
      'of a run: the way that this datagram took, as ledger.jsonl or a failing verdict names it',
    )
    .addHelpText(
      'after',
      '\nExample:\n  castlab show topologies/ring.yaml -o ring.svg\n  castlab show runs/ring/2026-11-21T05-59-37.291 --datagram fbac847e2c4a0555',
    )
    .action(show);
}

interface Options {
  output?: string;
  expand?: boolean;
  datagram?: string;
}

async function show(path: string, options: Options): Promise<void> {
  const text = await textOf(path, options);
  if (options.output === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(options.output, text);
  } catch (error) {
    throw new InputError([{ file: options.output, message: `cannot be written: ${(error as Error).message}` }]);
  }
}

async function textOf(path: string, { expand, datagram }: Options): Promise<string> {
  if (datagram !== undefined) return describeDatagram(path, datagram);
  // Of a run, its topology.
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory();
  const topology = await readTopology(isFolder ? join(path, FILES.topology) : path);
  return expand ? expandTopology(topology) : topologyPicture(topology);
}
