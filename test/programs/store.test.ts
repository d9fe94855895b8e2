import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { setBlocksAside } from '../../src/kernel/blocks.ts';
import { contentHash, GeneratedContent } from '../../src/replicast/index.ts';
import { type ChunkStore, LmdbStore, MemoryStore, StoreError, StoreFullError } from '../../src/store/index.ts';

const chunkOf = (bytes: number, seed: string | number = 1) => new GeneratedContent(seed).next(bytes);

type Tap = Test;

function folder(t: Tap): string {
  const path = mkdtempSync(join(tmpdir(), 'castlab-store-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const kinds: [string, (t: Tap, limit?: number) => ChunkStore][] = [
  ['memory', (_, limit) => new MemoryStore(limit)],
  ['lmdb', (t, limit) => new LmdbStore({ path: folder(t), ...(limit !== undefined && { limit }) })],
];

for (const [kind, make] of kinds) {
  t.test(`${kind}: what is put is got`, async (t) => {
    const store = make(t);
    const chunks = [chunkOf(1), chunkOf(5000, 2), chunkOf(1 << 20, 3)];
    await Promise.all(chunks.map((chunk) => store.put(contentHash(chunk), chunk)));
    for (const chunk of chunks) {
      t.equal(store.length(contentHash(chunk)), chunk.length);
      t.same(await store.get(contentHash(chunk)), chunk);
    }
    t.equal(store.length(contentHash(chunkOf(2, 9))), undefined);
    t.equal(await store.get(contentHash(chunkOf(2, 9))), undefined);
    t.same(
      [...store.list()].map(({ length }) => length).sort((a, b) => a - b),
      [1, 5000, 1 << 20],
    );
    t.match(store.counters, { puts: 3, gets: 3, corrupt: 0 });
    await store.close();
  });

  t.test(`${kind}: into the caller's buffer`, async (t) => {
    const store = make(t);
    const chunk = chunkOf(5000);
    await store.put(contentHash(chunk), chunk);
    const mine = new Uint8Array(5000);
    t.equal(await store.get(contentHash(chunk), () => mine), mine);
    t.same(mine, new Uint8Array(chunk));
    await store.close();
  });

  t.test(`${kind}: written once`, async (t) => {
    const store = make(t);
    const chunk = chunkOf(5000);
    const hash = contentHash(chunk);
    await Promise.all([store.put(hash, chunk), store.put(hash, chunk)]);
    await store.put(hash, chunk);
    t.equal(store.counters.puts, 1);
    t.equal([...store.list()].length, 1);
    await store.close();
  });

  t.test(`${kind}: full`, async (t) => {
    const store = make(t, 12_000);
    const first = chunkOf(5000);
    await store.put(contentHash(first), first);
    t.ok(store.hasRoom(7000));
    t.notOk(store.hasRoom(7001));
    const large = chunkOf(8000, 2);
    await t.rejects(store.put(contentHash(large), large), StoreFullError);
    t.equal(store.length(contentHash(large)), undefined);
    await store.put(contentHash(first), first);
    t.ok(await store.get(contentHash(first)), 'what is there is still there');
    t.equal(store.counters.failures, 1);
    await store.close();
  });
}

t.test('lmdb: a chunk that is expected finds its room made', async (t) => {
  const path = folder(t);
  const store = new LmdbStore({ path, setAside: setBlocksAside });
  const file = () => statSync(join(path, 'data.mdb'));
  const before = file();
  store.expect(1 << 20);
  while (file().blocks * 512 < before.size + (1 << 20)) await sleep(5);
  const made = file();
  t.equal(made.size, before.size, 'the file is as long as it was');
  const chunk = chunkOf(1 << 20);
  await store.put(contentHash(chunk), chunk);
  t.ok(file().size > 1 << 20);
  t.equal(file().blocks, made.blocks, 'nothing more was needed');
  // Many that never come: no more than is kept ahead.
  for (let i = 0; i < 40; i++) {
    store.expect(1 << 20);
    await sleep(5);
  }
  const ahead = file().blocks * 512 - file().size;
  t.ok(ahead > 2 << 20 && ahead <= 17 << 20, `${ahead} bytes`);
  t.same(await store.get(contentHash(chunk)), chunk);
  store.expect(1 << 20);
  await store.close();
  const again = new LmdbStore({ path });
  t.same(await again.get(contentHash(chunk)), chunk);
  await again.close();
});

t.test('lmdb: opened again, everything is there', async (t) => {
  const path = folder(t);
  const store = new LmdbStore({ path });
  const chunks = Array.from({ length: 20 }, (_, i) => chunkOf(10_000, i));
  await Promise.all(chunks.map((chunk) => store.put(contentHash(chunk), chunk)));
  await store.close();
  const again = new LmdbStore({ path, limit: 210_000 });
  for (const chunk of chunks) t.same(await again.get(contentHash(chunk)), chunk);
  t.notOk(again.hasRoom(20_000), 'and counts towards the limit');
  await again.close();
});

t.test('lmdb: a record with a flipped bit is counted, not served, and replaced', async (t) => {
  const path = folder(t);
  const [good, bad] = [chunkOf(300_000, 1), chunkOf(300_000, 2)];
  const store = new LmdbStore({ path });
  for (const chunk of [good, bad]) await store.put(contentHash(chunk), chunk);
  await store.close();
  const file = join(path, 'data.mdb');
  const at = readFileSync(file).indexOf(bad.subarray(1000, 1100));
  writeSync(openSync(file, 'r+'), Buffer.from([bad[1000]! ^ 1]), 0, 1, at);

  const again = new LmdbStore({ path });
  t.equal(again.length(contentHash(bad)), 300_000, 'it is still listed');
  t.equal(await again.get(contentHash(bad)), undefined);
  t.ok(await again.get(contentHash(good)));
  t.match(again.counters, { corrupt: 1, gets: 1 });
  await again.put(contentHash(bad), bad);
  t.same(await again.get(contentHash(bad)), bad);
  t.equal([...again.list()].length, 2);
  await again.close();
});

t.test('lmdb: many reads do not fill the memory with mapped pages', async (t) => {
  const path = folder(t);
  const store = new LmdbStore({ path });
  const chunks = Array.from({ length: 40 }, (_, i) => chunkOf(1 << 20, i));
  const hashes = chunks.map((chunk) => contentHash(chunk));
  await Promise.all(chunks.map((chunk, i) => store.put(hashes[i]!, chunk)));
  const buffer = new Uint8Array(1 << 20);
  const before = mappedFileBytes();
  // While it is being read, it is also listed and written: the database is opened anew in between.
  let listed = 0;
  for (const { hash } of store.list()) {
    t.ok(await store.get(hash, () => buffer), 'read');
    if (listed++ % 10 === 0) await store.put(contentHash(chunkOf(100, `${hash}`)), chunkOf(100, `${hash}`));
  }
  t.ok(listed >= 40);
  t.ok(mappedFileBytes() - before < 30 << 20, `${mappedFileBytes() - before} bytes more`);
  await store.close();
});

t.test('lmdb: a folder that cannot be used', async (t) => {
  const path = folder(t);
  const file = join(path, 'file');
  writeFileSync(file, 'something');
  t.throws(() => new LmdbStore({ path: file }), StoreError);
  writeFileSync(join(path, 'data.mdb'), chunkOf(100_000));
  t.throws(() => new LmdbStore({ path }), /cannot open the chunk store in .*: data.mdb is no LMDB database/);
  const dotted = new LmdbStore({ path: join(path, 'store.d') });
  await dotted.close();
  t.ok(statSync(join(path, 'store.d', 'data.mdb')).isFile(), 'a folder, whatever it is called');
});

t.test('lmdb: a write that fails leaves the store as it was', async (t) => {
  const path = folder(t);
  // The shell ignores the signal and sets the limit on file sizes; the store then meets a disk that takes no more.
  const lines = await writer(path, 40, ['bash', '-c', 'trap "" XFSZ; ulimit -f 16384; exec "$@"', 'bash']);
  const failures = lines.filter((line) => line.startsWith('failed'));
  t.ok(failures.length > 0 && failures.length < 40, `${failures.length} of 40 writes failed`);
  t.match(failures[0], /failed StoreError: cannot write 1048576 bytes/);
  t.notOk(
    lines.some((line) => line.startsWith('unhandled')),
    'and every failure reached its caller',
  );
  await verifyAll(t, path, lines);
});

t.test('lmdb: killed at any moment, nothing that was acknowledged is lost', async (t) => {
  const path = folder(t);
  const acknowledged: string[] = [];
  for (const after of [3, 16]) acknowledged.push(...(await writer(path, 1000, [], after)));
  t.ok(acknowledged.length >= 18, `${acknowledged.length} chunks`);
  await verifyAll(t, path, acknowledged);
});

async function verifyAll(t: Tap, path: string, lines: readonly string[]): Promise<void> {
  const store = new LmdbStore({ path });
  const stored = lines.filter((line) => line.startsWith('stored ')).map((line) => line.slice('stored '.length));
  let intact = 0;
  for (const hash of stored) if (await store.get(hash)) intact++;
  t.equal(intact, stored.length, 'every acknowledged chunk is there and verifies');
  for (const { hash } of store.list()) if (!(await store.get(hash))) t.ok(false, `${hash} is half written`);
  await store.close();
}

/** Runs a process that puts chunks and says which are stored; killed once it has said so `killAfter` times. */
async function writer(path: string, count: number, wrapper: string[], killAfter = Number.POSITIVE_INFINITY) {
  const program = [
    process.execPath,
    '--import',
    'tsx',
    new URL('../replicast/store-writer.ts', import.meta.url).pathname,
  ];
  const [command, ...args] = [...wrapper, ...program, path, `${count}`, `${Math.random()}`];
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    if (lines.length === killAfter) child.kill('SIGKILL');
  });
  await Promise.all([once(child, 'close'), once(reader, 'close')]);
  return lines;
}

function mappedFileBytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/RssFile:\s+(\d+)/.exec(status)![1]) * 1024;
}
