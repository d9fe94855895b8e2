#!/usr/bin/env node
import { CommanderError } from 'commander';
import { InputError } from '../../src/document/index.ts';
import { LabError } from '../live/index.ts';
import { exitCodes } from '../report/index.ts';
import { UnsupportedError } from '../sandbox/index.ts';
import { castlabProgram } from './program.ts';

try {
  await castlabProgram().parseAsync();
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
  if (error instanceof LabError) {
    console.error(`castlab: ${error.message}`);
    return exitCodes.fail;
  }
  console.error(`castlab: ${error.stack ?? error.message}`);
  return exitCodes.fail;
}
