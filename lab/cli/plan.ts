import type { Command } from 'commander';
import { compile, planScript } from '../plan/index.ts';
import { readTopology } from './read-topology.ts';

/** `castlab plan`: what would be done to build a topology, without doing it. */
export function register(program: Command): void {
  program
    .command('plan')
    .description('print everything that would be done to build a topology, as a shell script')
    .argument('<file>', 'topology file')
    .option('--json', 'the plan as data')
    .addHelpText('after', '\nExample:\n  castlab plan topologies/ring.yaml | less')
    .action(async (file: string, { json }: { json?: boolean }) => {
      const plan = compile(await readTopology(file));
      process.stdout.write(json ? `${JSON.stringify(plan, undefined, 2)}\n` : planScript(plan));
    });
}
