import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** Writes values as JSON lines without holding the whole text in memory. */
export async function writeJsonLines(path: string, values: Iterable<unknown>): Promise<void> {
  const stream = createWriteStream(path);
  for (const value of values) {
    if (!stream.write(`${JSON.stringify(value)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
}
