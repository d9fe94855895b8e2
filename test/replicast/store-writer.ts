// Puts generated chunks into a store, two at a time, and prints `stored HASH` or `failed ERROR` as each ends.
// Arguments: folder, number of chunks, seed.
import { setBlocksAside } from '../../src/kernel/blocks.ts';
import { contentHash, GeneratedContent } from '../../src/replicast/index.ts';
import { LmdbStore } from '../../src/store/index.ts';

const [path, count, seed] = process.argv.slice(2);
process.on('unhandledRejection', (error) => console.log(`unhandled ${String(error)}`));
const store = new LmdbStore({ path: path!, setAside: setBlocksAside });
const content = new GeneratedContent(seed!);

async function put(): Promise<void> {
  const chunk = content.next(1 << 20);
  const hash = contentHash(chunk);
  store.expect(chunk.length);
  try {
    await store.put(hash, chunk);
    process.stdout.write(`stored ${hash}\n`);
  } catch (error) {
    process.stdout.write(`failed ${String(error)}\n`);
  }
}

for (let i = 0; i < Number(count); i += 2) await Promise.all([put(), put()]);
await store.close();
