import type { Command } from 'commander';
import { parse } from 'yaml';
import { InputError } from '../../src/document/index.ts';
import { reportSteps, withLab } from './living.ts';

/** `castlab step`: any step of a scenario, in a lab that is up. */
export function register(program: Command): void {
  program
    .command('step')
    .description('take any steps of a scenario in a lab, one after the other')
    .argument('<lab>', 'name of the lab')
    .argument('<step...>', 'steps, written as in topology files')
    .addHelpText('after', "\nExample:\n  castlab step ring 'get: { by: i1 }' 'partition: [z1]'")
    .action(async (lab: string, texts: string[]) => {
      const steps = texts.map((text) => readYaml('step', text));
      process.exitCode = reportSteps(await withLab('step', lab, (client) => client.step(...steps)));
    });
}

/** Reads YAML from the command line. @throws InputError */
export function readYaml(verb: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new InputError(`castlab ${verb}: "${text}" is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
}
