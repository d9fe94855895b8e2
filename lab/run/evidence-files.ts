import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { junitDocument, type RunResult } from '../report/index.ts';

/**
 * Writes junit.xml and, last and at once, result.json into the run's folder: a folder with a result.json is a finished run, and one that was cut
 * short while it wrote has none.
 */
export async function writeResult(result: RunResult): Promise<void> {
  await writeFile(join(result.folder, 'junit.xml'), junitDocument([result]));
  const file = join(result.folder, 'result.json');
  await writeFile(`${file}.part`, `${JSON.stringify(result, null, 2)}\n`);
  await rename(`${file}.part`, file);
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
