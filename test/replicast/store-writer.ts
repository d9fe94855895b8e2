// Puts generated chunks into a store, two at a time, and prints `stored HASH` or `failed ERROR` as each ends.
// Arguments: folder, number of chunks, seed, and how: `whole`, or `ahead` to write each in parts.
import { setTimeout } from 'node:timers/promises';
import { contentHash, GeneratedContent } from '../../src/replicast/index.ts';
import { LmdbStore } from '../../src/store/index.ts';

const [path, count, seed, how] = process.argv.slice(2);
process.on('unhandledRejection', (error) => console.log(`unhandled ${String(error)}`));
const store = new LmdbStore({ path: path! });
const content = new GeneratedContent(seed!);

async function put(): Promise<void> {
  const chunk = content.next(1 << 20);
  const hash = contentHash(chunk);
  try {
    await (how === 'ahead' ? putAhead(hash, chunk) : store.put(hash, chunk));
    process.stdout.write(`stored ${hash}\n`);
  } catch (error) {
    process.stdout.write(`failed ${String(error)}\n`);
  }
}

async function putAhead(hash: string, chunk: Uint8Array): Promise<void> {
  const writer = store.begin(chunk.length);
  const cuts = [0, 1 << 19, 3 << 18];
  for (const [i, cut] of cuts.slice(1).entries()) {
    writer.write(chunk.subarray(cuts[i], cut));
    await setTimeout(1);
  }
  await writer.commit(hash, chunk.subarray(cuts.at(-1)));
}

for (let i = 0; i < Number(count); i += 2) await Promise.all([put(), put()]);
await store.close();
