import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type RunResult, reporters } from '../report/index.ts';
import { withInputs } from '../run/inputs.ts';
import { versions } from '../run/versions.ts';
import { expandTopology } from '../topology/index.ts';
import { readTopology } from './read-topology.ts';
import { runAll } from './run.ts';
import { resultIn } from './run-folder.ts';

/** `castlab replay`: what a run did, done again from its folder alone. */
export function register(program: Command): void {
  program
    .command('replay')
    .description('run again what a run folder holds: the same topology, files and seed')
    .argument('<run>', 'run folder; it may have been moved')
    .addOption(new Option('--reporter <name>', 'form of the results').choices(Object.keys(reporters)).default('tap'))
    .option('--out <dir>', 'where the new run folder goes', 'runs')
    .addHelpText('after', '\nExample:\n  castlab replay runs/ring/2026-11-21T05-59-37.291')
    .action(async (folder: string, { reporter, out }: { reporter: string; out: string }) => {
      const before = await resultIn(folder);
      const { topology, warnings } = await withInputs(await readTopology(join(folder, 'topology.yaml')), folder);
      for (const warning of [...changes(before), ...warnings]) console.error(`castlab: warning: ${warning}`);
      const { seed, links } = before;
      const options = { reporter, out, seed, links, jobs: 1 };
      process.exitCode = await runAll([{ topology, text: expandTopology(topology) }], options);
    });
}

/** What is not as it was. */
function changes({ versions: then }: RunResult): string[] {
  const now = versions();
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((name) => then[name] !== now[name])
    .map((name) => `${name} was ${then[name] ?? 'not recorded'} and is ${now[name] ?? 'not recorded'}`);
}
