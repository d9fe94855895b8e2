import { Argument, type Command } from 'commander';
import { resultSchema } from '../report/index.ts';
import { jsonSchema } from '../topology/index.ts';

const schemas = { topology: jsonSchema, result: resultSchema };

/** `castlab schema`: the file formats, for editors that complete and check while one types, and for programs that read results. */
export function register(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of topology files, for editors, or of result.json')
    .addArgument(new Argument('[format]', 'of which file').choices(Object.keys(schemas)).default('topology'))
    .addHelpText('after', '\nExample:\n  castlab schema > castlab.schema.json')
    .action((format: keyof typeof schemas) => {
      process.stdout.write(`${JSON.stringify(schemas[format](), undefined, 2)}\n`);
    });
}
