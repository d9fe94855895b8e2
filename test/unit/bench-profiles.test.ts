import t from 'tap';
import { allocations } from '../bench/profile/allocations.ts';
import { type CallFrame, nameOf, type Place, shorten } from '../bench/profile/places.ts';
import { breakDown, stageOf } from '../bench/profile/stages.ts';

/** `FILE FUNCTION` in place of a frame's function: what `placeOf` makes of the others is its own. */
const placeOf = ({ functionName }: CallFrame): Place => {
  const [file, name] = functionName.split(' ') as [string, string];
  return { file, function: name, line: 1 };
};
const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0, columnNumber: 0, scriptId: '0' });
const node = (id: number, what: string, children: number[] = []) => ({ id, callFrame: frame(what), children });

t.test('time is told by stages: what is known by itself, and the rest with who called it', async (t) => {
  const nodes = [
    node(1, ' (root)', [2, 3, 8, 9]),
    node(2, ' (idle)'),
    node(3, 'src/mrouter/forwarder.ts forwardAlike', [4, 5, 7]),
    node(4, 'node:buffer subarray'),
    node(5, 'src/tunnel/udp.ts sendBatch', [6]),
    node(6, ' send'),
    node(7, 'src/overlay/checksum.ts addWords'),
    node(8, 'node:inspector post'),
    node(9, 'node:internal/timers listOnTimeout'),
  ];
  // The µs that a sample stands for: 10 of each, but 30 of the last one.
  const samples = [2, 3, 4, 5, 6, 7, 8, 9, 9];
  const timeDeltas = samples.map((_, i) => (i === 8 ? 30 : 10));
  const { stages, hottest } = breakDown({ nodes, samples, timeDeltas, startTime: 0, endTime: 110 }, placeOf);
  t.same(Object.fromEntries(stages), {
    'copy, patch': 0.2,
    checksum: 0.1,
    send: 0.2,
    'event loop, libuv': 0.4,
    idle: 0.1,
  });
  t.same(hottest[0], { name: 'forwardAlike (src/mrouter/forwarder.ts:1)', share: 0.2 });
  t.same(
    hottest.map(({ name }) => name).sort(),
    [
      'addWords (src/overlay/checksum.ts:1)',
      'forwardAlike (src/mrouter/forwarder.ts:1)',
      'send',
      'sendBatch (src/tunnel/udp.ts:1)',
    ],
    'with what Node.js does for them; who watches is no part of it',
  );
});

t.test('functions are known by where they are written', async (t) => {
  const stage = (file: string, name: string) => stageOf({ file, function: name, line: 1 });
  t.equal(stage('src/kernel/libc.ts', 'recvmmsg'), 'receive');
  t.equal(stage('src/kernel/libc.ts', 'sendmmsg'), 'send');
  t.equal(stage('src/mrouter/forwarder.ts', '#examine'), 'decode, trust');
  t.equal(stage('src/mrouter/decision-cache.ts', 'find'), 'decide');
  t.equal(stage('lmdb/write.js', 'startWriting'), 'store');
  t.equal(stage('node:buffer', 'subarray'), undefined);
});

t.test('memory is told by who wanted it', async (t) => {
  const heap = (what: string, selfSize: number, children: object[] = []) => ({
    ...{ id: 0, callFrame: frame(what), selfSize, children },
  });
  const head = heap(' (root)', 0, [
    heap('src/a.ts f', 100, [heap('node:buffer subarray', 40, [heap(' FastBuffer', 5)]), heap('src/b.ts g', 1)]),
    heap('node:dgram onMessage', 7),
    heap('test/bench/profile/hook.ts count', 1000, [heap('node:buffer alloc', 1000)]),
  ]);
  const found = allocations({ head, samples: [] } as never, { 'Buffer.alloc': { count: 2, bytes: 64 } }, placeOf, 3);
  t.equal(found.heap, 153);
  t.equal(found.outside, 64);
  t.same(found.largest, [
    { name: 'f (src/a.ts:1)', bytes: 145 },
    { name: 'Buffer.alloc, outside the heap', bytes: 64 },
    { name: 'onMessage (node:dgram:1)', bytes: 7 },
  ]);
});

t.test('places are told from the root of the project or of a package', async (t) => {
  t.equal(shorten('../../src/pmu/pace.ts'), 'src/pmu/pace.ts');
  t.equal(shorten('file:///home/a/castlab/node_modules/lmdb/write.js'), 'lmdb/write.js');
  t.equal(shorten('file:///tmp/castlab-profile-x/hook.mjs'), 'test/bench/profile/hook.mjs');
  t.equal(shorten('node:buffer'), 'node:buffer');
  t.equal(nameOf({ file: '', function: 'send', line: 0 }), 'send');
});
