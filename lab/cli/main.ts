#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { InputError } from '../../src/document/index.ts';
import { exitCodes } from '../report/index.ts';
import { UnsupportedError } from '../sandbox/index.ts';
import * as doctor from './doctor.ts';
import * as plan from './plan.ts';
import * as replay from './replay.ts';
import * as run from './run.ts';
import * as runInside from './run-inside.ts';
import * as runs from './runs.ts';
import * as schema from './schema.ts';
import * as show from './show.ts';
import * as validate from './validate.ts';
import * as vm from './vm.ts';

const program = new Command('castlab')
  .description('Builds declared networks out of Linux network namespaces, runs real overlay nodes in them, and judges.')
  .version(packageJson.version)
  .showHelpAfterError('(castlab --help lists the commands)')
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'castlab: ')) });

for (const verb of [run, replay, runs, validate, plan, show, schema, doctor, vm, runInside]) verb.register(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error as Error);
}

/** Says what went wrong in a line, and which exit code that is. */
function report(error: Error): number {
  // Commander has already said what it had to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.pass : exitCodes.badInput;
  if (error instanceof InputError) {
    console.error(error.message);
    return exitCodes.badInput;
  }
  if (error instanceof UnsupportedError) {
    console.error(`castlab: ${error.message}`);
    return exitCodes.unsupported;
  }
  console.error(`castlab: ${error.stack ?? error.message}`);
  return exitCodes.fail;
}
