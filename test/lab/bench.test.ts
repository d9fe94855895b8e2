import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runInside } from '../bench/child.ts';
import { allocations } from '../bench/profile/allocations.ts';
import type { Watched } from '../bench/profile/hook.ts';
import { placeOf } from '../bench/profile/places.ts';
import { breakDown } from '../bench/profile/stages.ts';

// That the programs of the bench still say something of the programs that they measure; what they say decides nothing.

t.test('a hop takes time, idle and while chunks pass', async (t) => {
  const { figures } = await runInside('hop', 'mrouter', 50);
  for (const load of ['', 'busy ']) {
    t.ok(figures[`${load}p50`]! > 0, `${load}p50`);
    t.ok(figures[`${load}p99`]! >= figures[`${load}p50`]!, `${load}p99`);
  }
  t.ok(figures['lost']! < 1, 'datagrams arrive');
  t.ok(figures['transfer']! > 0, 'chunks arrive behind the relay');
});

for (const kind of ['time', 'memory'] as const) {
  t.test(`a relay that is watched for ${kind} relays, and is seen doing so`, async (t) => {
    const folder = mkdtempSync('/tmp/castlab-bench-test-');
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'seen.json');
    await runInside('profile-relay', kind, 'dgram', 500, file);
    const { relay, relayed } = JSON.parse(readFileSync(file, 'utf8')) as { relay: Watched; relayed: number };
    t.ok(relayed > 0, `${relayed} datagrams`);
    if (kind === 'time') {
      const { stages, hottest } = breakDown(relay.time!, placeOf);
      t.ok(stages.get('send')! > 0, 'it sends');
      t.ok(
        hottest.some(({ name }) => /\(src\/.*\.ts:\d+\)$/.test(name)),
        'functions are told by where they are written',
      );
    } else {
      const { heap, outside, largest } = allocations(relay.memory!, relay.buffers, placeOf);
      t.ok(heap > 0 && outside > 0 && largest.length > 0, 'the heap and what libuv sets aside are both told');
    }
  });
}
