import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { junitDocument, type RunResult } from '../report/index.ts';

/** Writes values as JSON lines without holding the whole text in memory. */
export async function writeJsonLines(path: string, values: Iterable<unknown>): Promise<void> {
  const stream = createWriteStream(path);
  for (const value of values) {
    if (!stream.write(`${JSON.stringify(value)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
}

/** Writes junit.xml and, last, result.json into the run's folder: a folder with a result.json is a finished run. */
export async function writeResult(result: RunResult): Promise<void> {
  await writeFile(join(result.folder, 'junit.xml'), junitDocument([result]));
  await writeFile(join(result.folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
}

/**
 * The result that a finished run left; undefined when it left none.
 * @param goneAt when its sandbox had ended, ms since 1970: what lies between is the time that it took to take the lab down.
 */
export async function readResult(folder: string, goneAt: number): Promise<RunResult | undefined> {
  const file = join(folder, 'result.json');
  try {
    const result = JSON.parse(await readFile(file, 'utf8')) as RunResult;
    result.took.teardown = Math.max(0, goneAt - (await stat(file)).mtimeMs);
    await writeResult(result);
    return result;
  } catch {
    return undefined;
  }
}
