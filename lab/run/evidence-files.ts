import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
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

/** The result that a finished run left; undefined when it left none. */
export async function readResult(folder: string): Promise<RunResult | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as RunResult;
  } catch {
    return undefined;
  }
}
