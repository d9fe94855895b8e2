/** Durable writes of chunks of 1 MiB into an empty store, one after the other; the median (ms): `store.ts FOLDER COUNT`. */
import { contentHash, GeneratedContent } from '../../../src/replicast/index.ts';
import { LmdbStore } from '../../../src/store/index.ts';
import { say } from './say.ts';

const [path, count] = process.argv.slice(2) as [string, string];
const store = new LmdbStore({ path });
const content = new GeneratedContent('store');
const times: number[] = [];
for (let i = 0; i < Number(count); i++) {
  const chunk = content.next(1 << 20);
  const hash = contentHash(chunk);
  const began = performance.now();
  await store.put(hash, chunk);
  times.push(performance.now() - began);
}
say({ write: times.sort((a, b) => a - b)[times.length >> 1]! });
await store.close();
