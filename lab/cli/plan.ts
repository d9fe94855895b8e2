import { type Command, Option } from 'commander';
import { compile, type LinkMode, linkModes, planScript } from '../plan/index.ts';
import { readTopology } from './read-topology.ts';

/** `castlab plan`: what would be done to build a topology, without doing it. */
export function register(program: Command): void {
  program
    .command('plan')
    .description('print everything that would be done to build a topology, as a shell script')
    .argument('<file>', 'topology file')
    .option('--json', 'the plan as data')
    .addOption(
      new Option('--links <backend>', 'who does delay, jitter, loss; auto: the kernel')
        .choices(linkModes)
        .default('auto'),
    )
    .addHelpText('after', '\nExample:\n  castlab plan topologies/ring.yaml | less')
    .action(async (file: string, { json, links }: { json?: boolean; links: LinkMode }) => {
      const plan = compile(await readTopology(file), { links });
      process.stdout.write(json ? `${JSON.stringify(plan, undefined, 2)}\n` : planScript(plan));
    });
}
