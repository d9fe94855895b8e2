import { resolve } from 'node:path';
import type { Command } from 'commander';
import { takeStep } from './living.ts';
import { wholeNumber } from './numbers.ts';

interface Options {
  from: string;
  size?: string;
  seed?: number;
  replicas?: number;
  count?: number;
  group?: string;
}

/** `castlab put`: objects into a lab that is up. */
export function register(program: Command): void {
  program
    .command('put')
    .description('put a file, or generated objects, into a lab')
    .argument('<lab>', 'name of the lab')
    .argument('[file]', 'the file to put')
    .requiredOption('--from <host>', 'the initiator that puts')
    .option('--size <size>', 'size of each generated object, in place of a file')
    .option('--seed <n>', 'what they are generated from; default: that of the lab', wholeNumber(0))
    .option('--replicas <n>', 'targets that must have stored it', wholeNumber(1))
    .option('--count <n>', 'how many objects, one after the other', wholeNumber(1))
    .option('--group <name>', 'negotiating group; default: where the content hash puts each chunk')
    .addHelpText('after', '\nExample:\n  castlab put ring --from i1 --size 1MiB --replicas 3')
    .action((lab: string, file: string | undefined, options: Options) =>
      takeStep('put', lab, { put: { ...options, ...(file !== undefined && { file: resolve(file) }) } }),
    );
}
