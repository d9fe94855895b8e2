import type { Command } from 'commander';
import { takeStep } from './living.ts';

/** `castlab kill` and `castlab restart`. */
export function register(program: Command): void {
  const verbs = [
    { verb: 'kill', description: 'kill the program of a host of a lab, as a power cut would' },
    { verb: 'restart', description: 'start the program of a host of a lab again, after killing it if it runs' },
  ];
  for (const { verb, description } of verbs) {
    program
      .command(verb)
      .description(description)
      .argument('<lab>', 'name of the lab')
      .argument('<node>', 'host')
      .addHelpText('after', `\nExample:\n  castlab ${verb} ring t1`)
      .action((lab: string, node: string) => takeStep(verb, lab, { [verb]: node }));
  }
}
