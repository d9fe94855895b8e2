import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { getCommand, listStoreCommand, putCommand, statusCommand } from '../../src/daemon/replicast-commands.ts';
import { encodeManifest, GeneratedContent } from '../../src/replicast/index.ts';
import { Loopback } from '../replicast/loopback.ts';
import { bundleReplicast } from '../replicast/program.ts';

interface Put {
  object: string;
  bytes: number;
  sha256: string;
  chunks: { hash: string; bytes: number; replicas: string[]; manifest?: true }[];
  attempts: number;
}
interface Got {
  bytes: number;
  sha256: string;
  from: Record<string, number>;
}

const run = await bundleReplicast(t);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

t.test('objects of every size come back as they were', async (t) => {
  const cluster = new Loopback(t, 4, { chunkSize: 65_536 });
  const initiator = await cluster.startAll();
  for (const size of [1, 1000, 65_535, 65_536, 65_537, 300_000]) {
    const put = (await initiator.request('put', { generate: { size, seed: size } })) as Put;
    const content = new GeneratedContent(size).next(size);
    t.match(put, { bytes: size, sha256: sha256(content) }, `put ${size} bytes`);
    const data = put.chunks.filter(({ manifest }) => !manifest);
    t.equal(data.length, Math.ceil(size / 65_536));
    t.equal(put.chunks.length - data.length, data.length > 1 ? 1 : 0, 'a manifest where it takes one');
    t.equal(put.object, put.chunks.at(-1)!.hash);
    for (const { replicas } of put.chunks) t.equal(replicas.length, 3);
    const output = join(cluster.folder, `out-${size}`);
    const got = (await initiator.request('get', { object: put.object, output })) as Got;
    t.match(got, { bytes: size, sha256: sha256(content) });
    t.ok(readFileSync(output).equals(content), 'the file is identical');
  }
});

t.test('a target acknowledges only once its word that it has stored the chunk is out', async (t) => {
  const cluster = new Loopback(t, 1, { chunkSize: 65_536, replicas: 1 });
  const initiator = await cluster.startAll();
  const { events } = cluster.node('t1').mrouter;
  const { written } = events;
  let letGo = () => {};
  const asked = new Promise<void>((askedFor) => {
    events.written = () => {
      askedFor();
      events.written = written;
      return new Promise((resolve) => {
        letGo = resolve;
      });
    };
  });
  let acknowledged = false;
  const put = initiator.request('put', { generate: { size: 1000, seed: 5 } }).then(() => {
    acknowledged = true;
  });
  await asked;
  await sleep(50);
  t.notOk(acknowledged, 'stored, and not yet said');
  letGo();
  await put;
});

t.test('files, identical chunks, targets as initiators, restarts', async (t) => {
  const cluster = new Loopback(t, 3, { chunkSize: 16_384 });
  const initiator = await cluster.startAll();
  const file = join(cluster.folder, 'file');
  // Five chunks of the same bytes and a rest.
  writeFileSync(file, Buffer.alloc(5 * 16_384 + 10, 7));
  const put = (await initiator.request('put', { file })) as Put;
  t.equal(new Set(put.chunks.map(({ hash }) => hash)).size, 3, 'one chunk five times, the rest, the manifest');
  const part = (await initiator.request('put', { file, bytes: 16_384 })) as Put;
  t.match(part, { object: put.chunks[0]!.hash, bytes: 16_384 }, 'the first bytes of a file');

  const t2 = cluster.node('t2');
  const got = (await t2.request('get', { object: put.object })) as Got;
  t.equal(got.sha256, put.sha256, 'a target can ask too, and may itself be among those asked');
  const byTarget = (await t2.request('put', { generate: { size: 50_000, seed: 3 } })) as Put;
  t.same([...byTarget.chunks[0]!.replicas].sort(), ['t1', 't2', 't3'], 'and put, to itself as well');

  await cluster.stop('t1');
  t.equal(((await initiator.request('get', { object: put.object })) as Got).sha256, put.sha256, 'two are left');
  await cluster.start('t1');
  t.equal(((await initiator.request('get', { object: byTarget.object })) as Got).sha256, byTarget.sha256);
  const status = (await initiator.request('status')) as { replicast: { pending: number } };
  t.equal(status.replicast.pending, 0);
});

t.test('what looks like a manifest is content like any other', async (t) => {
  const cluster = new Loopback(t, 3);
  const initiator = await cluster.startAll();
  const file = join(cluster.folder, 'file');
  const forged = encodeManifest([{ hash: '00'.repeat(32), length: 5 }]);
  writeFileSync(file, forged);
  const put = (await initiator.request('put', { file })) as Put;
  t.equal(put.chunks.length, 2);
  t.match(await initiator.request('get', { object: put.object }), { bytes: forged.length, sha256: sha256(forged) });
});

t.test('what cannot be done is said, and leaves nothing behind', async (t) => {
  const cluster = new Loopback(t, 3, { attempts: 2 });
  for (const name of ['t1', 't2']) await cluster.start(name);
  const initiator = await cluster.start('i1');
  const refused = async (op: string, args: Record<string, unknown>, message: RegExp) =>
    t.rejects(initiator.request(op, args), { message }, `${op} ${JSON.stringify(args)}`);
  await refused(
    'put',
    { generate: { size: 50_000, seed: 1 } },
    /the object is not stored: .* no answer from t3; 2 failed/,
  );
  const empty = join(cluster.folder, 'empty');
  writeFileSync(empty, '');
  await refused('put', { file: empty }, /is empty: there is nothing to store/);
  await refused('put', { file: cluster.folder }, /is not a file/);
  await refused('put', { file: join(cluster.folder, 'nothing') }, /cannot read .*nothing: ENOENT/);
  await refused('put', { generate: { size: 0, seed: 1 } }, /the object is empty/);
  await refused('put', {}, /either file or generate/);
  await refused('put', { file: empty, replicas: 0 }, /replicas/);
  await refused('put', { generate: { size: 9, seed: 1 }, group: 'ng9' }, /there is no group "ng9"/);
  await refused('get', { object: 'abc' }, /"abc" is no object's name/);
  const output = join(cluster.folder, 'out');
  await refused('get', { object: 'ab'.repeat(32), output }, /chunk not found: abab.*; asked t1, t2 and t3/);
  t.notOk(existsSync(output));
  t.same(
    readdirSync(cluster.folder).filter((name) => name.includes('partial')),
    [],
  );
});

t.test('a store that is full, then one that is damaged', async (t) => {
  const cluster = new Loopback(t, 3, { storeLimit: 100_000, attempts: 2 });
  const initiator = await cluster.startAll();
  const put = (await initiator.request('put', { generate: { size: 80_000, seed: 1 } })) as Put;
  t.equal(put.chunks[0]!.replicas.length, 3);
  const message = /refused by t1 \(no space\), t2 \(no space\) and t3 \(no space\)/;
  await t.rejects(initiator.request('put', { generate: { size: 80_000, seed: 2 } }), { message });

  const content = new GeneratedContent(1).next(80_000);
  for (const name of ['t1', 't3']) {
    await cluster.stop(name);
    const file = join(cluster.folder, `store-${name}`, 'data.mdb');
    const bytes = readFileSync(file);
    bytes[bytes.indexOf(content.subarray(500, 600))]! ^= 1;
    writeFileSync(file, bytes);
    await cluster.start(name);
  }
  const got = (await initiator.request('get', { object: put.object })) as Got;
  t.match(got, { sha256: put.sha256, from: { t2: 1 } });
  const [damaged, intact] = await Promise.all([
    run('store', 'verify', join(cluster.folder, 'store-t1'), '--json'),
    run('store', 'ls', join(cluster.folder, 'store-t2')),
  ]);
  t.match(damaged, { code: 1, out: `{"chunks":1,"bytes":80000,"corrupt":["${put.object}"]}\n` });
  t.match(intact, { code: 0, out: `${put.object} 80000\n` });
});

t.test('the program: put and get on their own, bad input', async (t) => {
  const cluster = new Loopback(t, 3);
  for (const name of ['t1', 't2', 't3']) await cluster.start(name);
  const file = join(cluster.folder, 'file');
  const content = new GeneratedContent(5).next(200_000);
  writeFileSync(file, content);
  const put = await run('put', file, '--config', cluster.config('i1'), '--json');
  t.match(put, { code: 0, err: '' });
  const { object } = JSON.parse(put.out) as Put;
  t.equal(object, sha256(content));
  const output = join(cluster.folder, 'out');
  const got = await run('get', object, '-o', output, '--config', cluster.config('i1'));
  t.match(got, { code: 0, out: /200000 bytes, verified/ });
  t.ok(readFileSync(output).equals(content));

  const broken = join(cluster.folder, 'broken.json');
  const config = JSON.parse(readFileSync(cluster.config('i1'), 'utf8')) as Record<string, unknown>;
  writeFileSync(broken, JSON.stringify({ ...config, replicast: { chunkSize: 3, choosey: true } }, undefined, 1));
  // One after the other: all have the address of i1.
  const wrong = [
    await run('put', file, '--config', broken),
    await run('target', '--config', cluster.config('i1')),
    await run('put', file, '--replicas', 'many', '--config', cluster.config('i1')),
  ];
  for (const { code, out } of wrong) t.same({ code, out }, { code: 2, out: '' });
  t.match(
    wrong[0]!.err,
    /broken\.json:\d+:\d+: replicast\.chunkSize: .*\n.*broken\.json:\d+:\d+: replicast\.choosey: there is no such setting/,
  );
  t.match(wrong[1]!.err, /i1\.json:1:\d+: role: initiator: it cannot be run as target/);
  t.match(wrong[2]!.err, /expected a whole number from 1/);

  const ownConfig = { config: cluster.config('i1') };
  const nothing = join(cluster.folder, 'nothing');
  await t.rejects(putCommand([file, nothing], ownConfig), {
    name: 'InputError',
    message: /cannot read .*nothing: ENOENT/,
  });
  await t.rejects(getCommand('abc', { ...ownConfig, output }), { name: 'InputError', message: /no object's name/ });
  await t.rejects(statusCommand({ control: nothing }), { name: 'InputError', message: /no node answers at/ });
  await t.rejects(listStoreCommand(cluster.folder, {}), { name: 'InputError', message: /is not a chunk store/ });
});
