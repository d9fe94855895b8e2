import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DropReport } from '../../src/daemon/drops.ts';
import { EventStream } from '../../src/daemon/index.ts';
import { loopbackCluster } from '../support/overlay-loopback.ts';

t.test('events are whole lines in order', async (t) => {
  const path = join(loopbackCluster(t).folder, 'events');
  const fd = openSync(path, 'w');
  const events = new EventStream('t3', fd);
  for (let i = 0; i < 5000; i++) events.emit('sent', { i, filler: 'x'.repeat(50) });
  events.emit('delivered', {}, 12.5);
  await events.close();
  closeSync(fd);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  t.equal(parsed.length, 5001);
  t.ok(parsed.every((event, i) => i === 5000 || event['i'] === i));
  t.match(parsed[0], { node: 't3', event: 'sent', t: Number });
  t.same(parsed[5000], { t: 12.5, node: 't3', event: 'delivered' });
  t.ok(
    parsed.slice(1, 5000).every((event, i) => (event['t'] as number) >= (parsed[i]!['t'] as number)),
    'time goes on',
  );
});

t.test('a reader that has gone, or none at all, harms nobody', async (t) => {
  const events = new EventStream('t3', undefined);
  events.emit('sent');
  await events.close();
  const { reader, fd } = pipe(t, constants.O_WRONLY);
  const broken = new EventStream('t3', fd);
  broken.emit('sent');
  closeSync(reader);
  for (let i = 0; i < 3; i++) broken.emit('sent', { filler: 'x'.repeat(100_000) });
  await broken.close();
  broken.emit('sent');
  broken.flushNow();
  await broken.close();
  closeSync(fd);
  t.pass('nothing was thrown');
});

t.test('a reader that is slow gets everything in the end', async (t) => {
  const { reader, fd } = pipe(t);
  const events = new EventStream('t3', fd);
  for (let i = 0; i < 3000; i++) events.emit('sent', { i, filler: 'x'.repeat(100) });
  const closed = events.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  let text = '';
  const drain = setInterval(() => {
    text += readSome(reader);
  }, 2);
  await closed;
  clearInterval(drain);
  closeSync(fd);
  text += readFileSync(reader, 'utf8');
  closeSync(reader);
  const lines = text.trimEnd().split('\n');
  t.equal(lines.length, 3000);
  t.ok(lines.every((line, i) => (JSON.parse(line) as { i: number }).i === i));
});

t.test('what was said is written by the time that somebody who asks is answered', async (t) => {
  const { reader, fd } = pipe(t);
  const events = new EventStream('t3', fd);
  t.equal(events.written(), undefined, 'nothing was said');
  events.emit('stored');
  t.equal(events.written(), undefined, 'a reader that keeps up');
  t.match(readSome(reader), /"event":"stored"\}\n$/);

  events.emit('sent', { filler: 'x'.repeat(100_000) });
  events.emit('stored');
  let written = false;
  const all = events.written()?.then(() => {
    written = true;
  });
  t.ok(all, 'a reader that is behind');
  let text = '';
  while (!text.endsWith('"stored"}\n')) {
    t.notOk(written);
    text += readSome(reader);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
  t.equal(text.split('\n').length, 3, 'each line once');
  closeSync(reader);
  events.emit('sent');
  t.equal(events.written(), undefined, 'a reader that has gone keeps nobody waiting');
  await events.close();
  closeSync(fd);
});

/** Both ends of a pipe. By default neither blocks: writing into a full one fails with EAGAIN. */
function pipe(t: Test, writing = constants.O_WRONLY | constants.O_NONBLOCK): { reader: number; fd: number } {
  const path = join(loopbackCluster(t).folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, fd: openSync(path, writing) };
}

/** What a pipe holds, as far as it fits; nothing while it is empty. */
function readSome(reader: number): string {
  const bytes = Buffer.alloc(65_536);
  try {
    return bytes.toString('utf8', 0, readSync(reader, bytes));
  } catch {
    return '';
  }
}

t.test('what is left at a sudden end is written at once', async (t) => {
  const path = join(loopbackCluster(t).folder, 'events');
  const fd = openSync(path, 'w');
  const events = new EventStream('t3', fd);
  events.emit('sent');
  events.flushNow();
  t.match(readFileSync(path, 'utf8'), /"event":"sent"\}\n$/);
  await events.close();
  closeSync(fd);
});

t.test('a parent process that does not read holds nobody up, and gets everything in the end', async (t) => {
  const program = `
    import { EventStream } from ${JSON.stringify(new URL('../../src/daemon/index.ts', import.meta.url).href)};
    const events = new EventStream('t3', 3);
    await events.writeAtOnce();
    events.emit('first');
    let turns = 0;
    const turn = setInterval(() => { turns++; }, 1);
    for (let i = 0; i < 1000; i++) events.emit('sent', { i, filler: 'x'.repeat(1000) });
    setTimeout(() => process.send({ turns }), 100);
    await events.close();
    clearInterval(turn);
    process.disconnect();
  `;
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', program],
    { stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'] },
  );
  const [message] = (await once(child, 'message')) as [{ turns: number }];
  t.ok(message.turns > 1, 'its event loop goes on while nobody reads');
  let text = '';
  for await (const bytes of child.stdio[3] as NodeJS.ReadableStream) text += bytes;
  const lines = text.trimEnd().split('\n');
  t.equal(lines.length, 1001);
  t.ok(lines.slice(1).every((line, i) => (JSON.parse(line) as { i: number }).i === i));
});

t.test('drops are reported at once, then once an interval, and none is left out', async (t) => {
  const reports: [string, number][] = [];
  const drops = new DropReport(1000, (reason, count) => void reports.push([reason, count]));
  drops.add('truncated', 0);
  t.same(reports, [['truncated', 1]]);
  for (let i = 1; i <= 500; i++) drops.add('truncated', i);
  drops.add('loop', 400);
  drops.flush(900);
  t.same(reports, [
    ['truncated', 1],
    ['loop', 1],
  ]);
  drops.flush(1000);
  t.same(reports.at(-1), ['truncated', 500]);
  drops.add('truncated', 1500);
  drops.add('loop', 1600);
  t.same(reports.at(-1), ['loop', 1], 'reasons have their own time');
  drops.flush(1700, true);
  t.same(reports.at(-1), ['truncated', 1]);
  t.equal(
    reports.reduce((sum, [reason, count]) => sum + (reason === 'truncated' ? count : 0), 0),
    502,
  );
});
