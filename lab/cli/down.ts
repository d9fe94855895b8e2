import type { Command } from 'commander';
import { InputError, suggestion } from '../../src/document/index.ts';
import { endLab, type KnownLab, knownLabs } from '../live/index.ts';

/** `castlab down`: ends labs, with everything in them. */
export function register(program: Command): void {
  program
    .command('down')
    .description('end labs, with everything in them')
    .argument('[lab...]', 'names of labs')
    .option('--all', 'all labs of this user')
    .addHelpText('after', '\nExample:\n  castlab down ring')
    .action(async (names: string[], { all }: { all?: true }) => {
      const labs = chosen(knownLabs(), names, all === true);
      await Promise.all(
        labs.map(async (lab) => {
          await endLab(lab);
          process.stdout.write(`${lab.record.name} ${lab.state === 'gone' ? 'was gone' : 'is down'}\n`);
        }),
      );
    });
}

function chosen(labs: readonly KnownLab[], names: readonly string[], all: boolean): readonly KnownLab[] {
  if (all !== names.length > 0) {
    if (all) return labs;
    return [...new Set(names)].map((name) => {
      const lab = labs.find(({ record }) => record.name === name);
      if (lab) return lab;
      const known = labs.map(({ record }) => record.name);
      const hint = known.length === 0 ? ': none is up' : suggestion(name, known);
      throw new InputError(`castlab: unknown lab "${name}"${hint}`);
    });
  }
  throw new InputError('castlab: name the labs to end, or --all');
}
