import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../src/document/index.ts';
import { alignedTable, type RunResult } from '../report/index.ts';
import { resultIn } from './run-folder.ts';

/** `castlab runs`: what run folders there are, the newest first. */
export function register(program: Command): void {
  program
    .command('runs')
    .description('list the runs in a folder, the newest first')
    .argument('[dir]', 'where run folders are', 'runs')
    .option('--json', 'one result.json a line')
    .addHelpText('after', '\nExample:\n  castlab runs')
    .action(async (dir: string, { json }: { json?: boolean }) => {
      const found = await findRuns(dir);
      process.stdout.write(json ? found.map((result) => `${JSON.stringify(result)}\n`).join('') : table(found));
    });
}

/** Finished runs in `dir/NAME/STAMP`; what else lies there is left out. */
async function findRuns(dir: string): Promise<RunResult[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    const message = error.code === 'ENOENT' ? 'no such folder: castlab run makes it' : error.message;
    throw new InputError([{ file: dir, message }]);
  });
  const runs: RunResult[] = [];
  for (const name of names) {
    for (const stamp of await readdir(join(dir, name)).catch(() => [])) {
      const result = await resultIn(join(dir, name, stamp)).catch(() => undefined);
      if (result) runs.push(result);
    }
  }
  return runs.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

function table(runs: readonly RunResult[]): string {
  if (runs.length === 0) return 'no finished run here\n';
  const rows = runs.map((run) => {
    const wrong = run.points.find(({ outcome }) => outcome !== 'pass');
    const time = `${(run.took.total / 1000).toFixed(1)} s`;
    return [
      run.startedAt.slice(0, 19).replace('T', ' '),
      run.topology,
      run.outcome,
      time,
      run.folder,
      wrong?.title ?? '',
    ];
  });
  return alignedTable(['started (UTC)', 'topology', 'outcome', 'time', 'folder', 'first that does not hold'], rows);
}
