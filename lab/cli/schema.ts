import type { Command } from 'commander';
import { jsonSchema } from '../topology/index.ts';

/** `castlab schema`: the file format, for editors that complete and check while one types. */
export function register(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of topology files, for editors')
    .addHelpText('after', '\nExample:\n  castlab schema > castlab.schema.json')
    .action(() => {
      process.stdout.write(`${JSON.stringify(jsonSchema(), undefined, 2)}\n`);
    });
}
