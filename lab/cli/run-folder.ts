import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { InputError } from '../../src/document/index.ts';
import { type RunResult, runResult } from '../report/index.ts';

/** The result in a run folder. @throws InputError when the folder holds none, or not one of this form. */
export async function resultIn(folder: string): Promise<RunResult> {
  const file = join(folder, 'result.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' || code === 'ENOTDIR' ? 'is no folder of a finished run (castlab runs lists them)' : message;
    throw new InputError([{ file: folder, message: why }]);
  }
  try {
    // The folder may have been moved since.
    return { ...runResult.parse(JSON.parse(text)), folder };
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new InputError([{ file, message: `is no result that this version can read: ${message}` }]);
  }
}
