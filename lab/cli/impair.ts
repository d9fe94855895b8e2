import type { Command } from 'commander';
import { InputError } from '../../src/document/index.ts';
import { takeStep } from './living.ts';

/** `castlab impair`: other links, while they carry traffic. */
export function register(program: Command): void {
  program
    .command('impair')
    .description('change what a link of a lab does')
    .argument('<lab>', 'name of the lab')
    .argument('<link>', 'a link (east--core), or one direction of it (east>core)')
    .argument('<property=value...>', 'as in topology files; what is not named keeps its value')
    .addHelpText('after', "\nExample:\n  castlab impair ring 'z1>z2' delay=20ms loss=1%")
    .action((lab: string, link: string, changes: string[]) =>
      takeStep('impair', lab, { impair: { link, ...Object.fromEntries(changes.map(readChange)) } }),
    );
}

function readChange(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new InputError(`castlab impair: "${text}" is not a property with a value, such as delay=20ms`);
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  // What YAML would make of it.
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, /^\d+$/.test(value) ? Number(value) : value];
}
