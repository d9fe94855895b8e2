import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { ControlClient, ControlServer } from '../../src/daemon/index.ts';
import { loopbackCluster } from '../support/overlay-loopback.ts';

const handlers = {
  add: ({ a, b }: Record<string, unknown>) => (a as number) + (b as number),
  later: async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return 'late';
  },
  nothing: () => undefined,
  fail: () => {
    throw new RangeError('no such thing');
  },
};

/** Writes raw text and collects the answers until there are so many lines. */
function raw(path: string, text: string, lines: number): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      answer += chunk;
      const complete = answer.split('\n').slice(0, -1);
      if (complete.length < lines) return;
      socket.destroy();
      resolve(complete.map((line) => JSON.parse(line) as Record<string, unknown>));
    });
    socket.write(text);
  });
}

t.test('requests and answers', async (t) => {
  const path = join(loopbackCluster(t).folder, 's');
  const server = await ControlServer.open(path, handlers);
  t.teardown(() => server.close());
  const client = await ControlClient.connect(path);
  const late = client.request('later');
  t.equal(await client.request('add', { a: 2, b: 3 }), 5, 'a slow one holds up nobody');
  t.equal(await late, 'late');
  t.equal(await client.request('nothing'), null);
  await t.rejects(client.request('fail'), new Error('no such thing'));
  await t.rejects(client.request('ad'), new Error('unknown operation "ad" (did you mean "add"?)'));
  await t.rejects(client.request('toString'), /unknown operation/);
  client.close();
});

t.test('bad lines', async (t) => {
  const path = join(loopbackCluster(t).folder, 's');
  const server = await ControlServer.open(path, handlers);
  t.teardown(() => server.close());
  const answers = await raw(path, 'nonsense\n\nnull\n[1]\n{"id": "x", "op": "add", "a": 1, "b": 2}\n', 4);
  t.same(
    answers.map(({ ok }) => ok),
    [false, false, false, true],
  );
  t.match(answers[0], { id: null, error: 'a request is one JSON object on one line' });
  t.same(answers[3], { id: 'x', ok: true, result: 3 });
  const [long] = await raw(path, 'x'.repeat(1_100_000), 1);
  t.match(long, { ok: false, error: /at most 1048576 characters/ });
});

t.test('a connection that ends', async (t) => {
  const path = join(loopbackCluster(t).folder, 's');
  const server = await ControlServer.open(path, { never: () => new Promise(() => {}) });
  const client = await ControlClient.connect(path);
  const waiting = client.request('never');
  await Promise.all([t.rejects(waiting, /closed its control socket/), server.close()]);
  await t.rejects(client.request('never'), /closed its control socket/);
  await t.rejects(ControlClient.connect(path), { code: 'ENOENT' });
});

t.test('a socket that a dead process left is taken over, a live one is not', async (t) => {
  const { folder } = loopbackCluster(t);
  const path = join(folder, 's');
  const server = await ControlServer.open(path, handlers);
  t.teardown(() => server.close());
  await t.rejects(ControlServer.open(path, handlers), { code: 'EADDRINUSE' });

  // Closing a socket removes its file; this one is put back as a crash would leave it.
  const left = join(folder, 'left');
  const dead = createServer().listen(left);
  await new Promise((resolve) => dead.once('listening', resolve));
  renameSync(left, `${left}.kept`);
  await new Promise((resolve) => dead.close(resolve));
  renameSync(`${left}.kept`, left);
  const heir = await ControlServer.open(left, handlers);
  t.teardown(() => heir.close());
  const client = await ControlClient.connect(left);
  t.equal(await client.request('add', { a: 1, b: 1 }), 2);
  client.close();

  const file = join(folder, 'file');
  writeFileSync(file, 'precious');
  await t.rejects(ControlServer.open(file, handlers), { code: 'EADDRINUSE' });
  t.equal(readFileSync(file, 'utf8'), 'precious', 'a file that is no socket stays');
});
