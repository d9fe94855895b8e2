import type { Command } from 'commander';
import { InputError, type Problem } from '../../src/document/index.ts';
import { formatCount } from '../topology/index.ts';
import { readTopology } from './read-topology.ts';

/** `castlab validate`: checks topology files without building anything. */
export function register(program: Command): void {
  program
    .command('validate')
    .description('check topology files; every error has its line and column')
    .argument('<file...>', 'topology files')
    .addHelpText('after', '\nExample:\n  castlab validate topologies/*.yaml')
    .action(validate);
}

async function validate(files: readonly string[]): Promise<void> {
  const problems: Problem[] = [];
  for (const file of files) {
    try {
      const { zones, routers, hosts, trunks, scenario, expect } = await readTopology(file);
      const lists = { zone: zones, router: routers, host: hosts, trunk: trunks, step: scenario, expectation: expect };
      const summary = Object.entries(lists).map(([what, list]) => formatCount(list.length, what));
      process.stdout.write(`${file}: valid, ${summary.join(', ')}\n`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new InputError(problems);
}
