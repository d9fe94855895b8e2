import { mkdir, readdir, rm, rmdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../src/document/index.ts';

/** Runs of one topology that are kept. */
const keptRuns = 20;

/** Bytes that must be free: what a run leaves is mostly less. */
const LEAST_FREE = 64 * 1024 * 1024;

/** `2026-11-21T03-06-11.123`: sorts by time and is a file name everywhere. */
const stampOf = (date: Date) => date.toISOString().replace(/:/g, '-').replace('Z', '');

/**
 * Makes a new folder `base/NAME/STAMP` for a run's evidence; never an existing one. Removes the oldest finished runs of
 * the same topology beyond the last 20.
 * @throws InputError when the folder cannot be made, or the disk is too full for a run.
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
        await assertRoom(folder);
        return folder;
      } catch (error) {
        // Two runs of one topology may start in the same millisecond.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`cannot make a run folder in ${parent} (${code ?? message}): choose another with --out`);
  }
}

/** Better before the lab starts than in the middle of its evidence. */
async function assertRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= LEAST_FREE) return;
  await rmdir(folder);
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)} MiB`;
  throw new InputError(
    `${folder}: ${megabytes(free)} are free on this disk, and a run takes up to ${megabytes(LEAST_FREE)}: remove old runs, or choose another folder with --out`,
  );
}

async function prune(parent: string): Promise<void> {
  const runs = (await readdir(parent)).filter((name) => /^\d{4}-\d\d-\d\dT/.test(name)).sort();
  for (const old of runs.slice(0, Math.max(0, runs.length - keptRuns))) {
    await rm(join(parent, old), { recursive: true, force: true });
  }
}
