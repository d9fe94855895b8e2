import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { InputError } from '../../src/document/index.ts';
import { topologyPicture } from '../report/picture.ts';
import { expandTopology } from '../topology/index.ts';
import { readTopology } from './read-topology.ts';

/** `castlab show`: a topology as a picture, or written out in full. */
export function register(program: Command): void {
  program
    .command('show')
    .description('draw a topology as SVG, or print it with shapes and defaults written out')
    .argument('<file>', 'topology file')
    .option('-o, --output <file>', 'write there, not to standard output')
    .option('--expand', 'YAML with every generated zone and every link property, in place of the picture')
    .addHelpText('after', '\nExample:\n  castlab show topologies/ring.yaml -o ring.svg')
    .action(show);
}

async function show(file: string, options: { output?: string; expand?: boolean }): Promise<void> {
  const topology = await readTopology(file);
  const text = options.expand ? expandTopology(topology) : await topologyPicture(topology);
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
