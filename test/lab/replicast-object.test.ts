import t from 'tap';
import { runInside } from '../bench/child.ts';

/** Bytes of memory that a node may ever have: less than the object, so that the object was never in it. */
const MEMORY = 200e6;
const OBJECT = 224 << 20;

t.test('an object larger than the memory of its nodes comes back as it was', async (t) => {
  const { figures } = await runInside('object', OBJECT);
  t.equal(figures['bytes'], OBJECT);
  for (const node of ['initiator', 'target']) {
    const most = figures[node]!;
    t.ok(most > 0 && most < MEMORY, `${node}: ${(most / 1e6).toFixed(0)} MB at most`);
  }
});
