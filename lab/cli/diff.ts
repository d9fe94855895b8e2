import type { Command } from 'commander';
import { readEvidence } from '../observe/evidence-folder.ts';
import { type Compared, difference } from '../report/index.ts';
import { resultIn } from './run-folder.ts';

/** `castlab diff`: what changed between two runs. */
export function register(program: Command): void {
  program
    .command('diff')
    .description('say what changed from one run to another: verdicts, stress of links, one-way times')
    .argument('<before>', 'run folder')
    .argument('<after>', 'run folder')
    .addHelpText(
      'after',
      '\nExample:\n  castlab diff runs/ring/2026-11-21T05-59-37.291 runs/ring/2026-11-21T06-17-01.668',
    )
    .action(async (before: string, after: string) => {
      const read = async (folder: string): Promise<Compared> => ({
        result: await resultIn(folder),
        recorded: await readEvidence(folder),
      });
      process.stdout.write(difference(await read(before), await read(after)));
    });
}
