import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../src/document/index.ts';

/** Runs of one topology that are kept. */
const keptRuns = 20;

/** `2026-11-21T03-06-11.123`: sorts by time and is a file name everywhere. */
const stampOf = (date: Date) => date.toISOString().replace(/:/g, '-').replace('Z', '');

/**
 * Makes a new folder `base/NAME/STAMP` for a run's evidence; never an existing one. Removes the oldest finished runs of
 * the same topology beyond the last 20.
 * @throws InputError when the folder cannot be made.
 */
export async function makeRunFolder(base: string, name: string, now: Date): Promise<string> {
  const parent = join(base, name);
  try {
    await mkdir(parent, { recursive: true });
    for (let attempt = 0; ; attempt++) {
      const folder = join(parent, attempt === 0 ? stampOf(now) : `${stampOf(now)}-${attempt}`);
      try {
        await mkdir(folder);
        await prune(parent);
        return folder;
      } catch (error) {
        // Two runs of one topology may start in the same millisecond.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`cannot make a run folder in ${parent} (${code ?? message}): choose another with --out`);
  }
}

async function prune(parent: string): Promise<void> {
  const runs = (await readdir(parent)).filter((name) => /^\d{4}-\d\d-\d\dT/.test(name)).sort();
  for (const old of runs.slice(0, Math.max(0, runs.length - keptRuns))) {
    await rm(join(parent, old), { recursive: true, force: true });
  }
}
