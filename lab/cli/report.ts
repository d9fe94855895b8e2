import type { Command } from 'commander';
import { writeReport } from '../report/index.ts';
import { resultIn } from './run-folder.ts';

/** `castlab report`: the page of a run, made again from its evidence. */
export function register(program: Command): void {
  program
    .command('report')
    .description('write report.html again, from the evidence in a run folder')
    .argument('<run>', 'run folder')
    .addHelpText('after', '\nExample:\n  castlab report runs/ring/2026-11-21T05-59-37.291')
    .action(async (folder: string) => {
      process.stdout.write(`${await writeReport(await resultIn(folder))}\n`);
    });
}
