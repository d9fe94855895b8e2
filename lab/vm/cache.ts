import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { InputError } from '../../src/document/index.ts';

/** What is made once and kept: `$XDG_CACHE_HOME/castlab` (XDG Base Directory Specification). */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'castlab');
}

/**
 * Keeps a file under `KIND-KEY` in place of all others of its kind, so that the cache does not grow. Readers see the whole file or none.
 * @throws InputError when the folder cannot be written.
 */
export async function keep(kind: string, key: string, data: Buffer | string): Promise<string> {
  const folder = cacheFolder();
  try {
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${kind}-${key}`);
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, data);
    await rename(unfinished, file);
    for (const name of await readdir(folder)) {
      if (name.startsWith(`${kind}-`) && name !== `${kind}-${key}`) await rm(join(folder, name), { force: true });
    }
    return file;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(
      `cannot write to the cache ${folder} (${code ?? message}): set XDG_CACHE_HOME to another folder`,
    );
  }
}

/** Where a kept file is, or would be. */
export const keptAt = (kind: string, key: string): string => join(cacheFolder(), `${kind}-${key}`);
