import type { Command } from 'commander';
import { takeStep } from './living.ts';

/** `castlab down-link` and `castlab up-link`. */
export function register(program: Command): void {
  const verbs = [
    {
      verb: 'down-link',
      step: 'down',
      description: 'take links of a lab down at both ends, as when cables are pulled',
    },
    { verb: 'up-link', step: 'up', description: 'bring links of a lab up again' },
  ];
  for (const { verb, step, description } of verbs) {
    program
      .command(verb)
      .description(description)
      .argument('<lab>', 'name of the lab')
      .argument('<link...>', 'links, such as east--core')
      .addHelpText('after', `\nExample:\n  castlab ${verb} ring z1--z2`)
      .action((lab: string, links: string[]) => takeStep(verb, lab, { [step]: links }));
  }
}
