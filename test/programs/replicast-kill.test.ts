import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ControlClient } from '../../src/daemon/control.ts';
import type { FetchedChunk, ReplicastNode } from '../../src/daemon/replicast-node.ts';
import { GeneratedContent } from '../../src/replicast/index.ts';
import { LmdbStore } from '../../src/store/index.ts';
import { Loopback } from '../replicast/loopback.ts';
import { bundle } from '../replicast/program.ts';

const KILLS = 50;
const CHUNK = 64 * 1024;
/** ms after the first acknowledgement of a life within which it ends. */
const LIFE = 40;
/** ms that a target may take to start: only a hang takes longer. */
const PATIENCE = 30_000;

const program = await bundle(t);
// Who is killed is not waited for long.
const cluster = new Loopback(t, 1, { chunkSize: CHUNK, replicas: 1, attempts: 1, maxBidDeadline: 20 });
// Sooner noticed that it is back.
for (const name of ['t1', 'i1']) {
  const config = JSON.parse(readFileSync(cluster.config(name), 'utf8'));
  writeFileSync(cluster.config(name), JSON.stringify({ ...config, hello: 20 }));
}
const store = join(cluster.folder, 'store-t1');

async function startTarget(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, 'target', '--config', cluster.config('t1')], { stdio: 'inherit' });
  const late = performance.now() + PATIENCE;
  for (;;) {
    const client = await ControlClient.connect(join(cluster.folder, 't1.sock')).catch(() => undefined);
    client?.close();
    if (client) return child;
    if (child.exitCode !== null || performance.now() > late) throw new Error('the target does not start');
    await sleep(5);
  }
}

/** Asks again for as long as the target may be too busy to answer in time. What is there it must serve at last. */
async function fetched(node: ReplicastNode, hash: string): Promise<FetchedChunk> {
  const late = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await node.getChunk(hash, 'ng1');
    } catch (error) {
      if (performance.now() > late) throw error;
    }
  }
}

/** What is on the disk, without the target: every hash in it, and those whose bytes are others. */
async function inspect(): Promise<{ present: Set<string>; broken: string[] }> {
  const reader = new LmdbStore({ path: store, readOnly: true });
  const present = new Set<string>();
  const broken: string[] = [];
  for (const { hash, length } of reader.list()) {
    const chunk = await reader.get(hash);
    if (chunk?.length === length) present.add(hash);
    else broken.push(hash);
  }
  await reader.close();
  return { present, broken };
}

t.test(`a target that is killed ${KILLS} times keeps what it has acknowledged`, async (t) => {
  const { node } = await cluster.start('i1');
  const content = new GeneratedContent('killed');
  const acknowledged = new Set<string>();
  let interrupted = 0;
  let lastLife: string[] = [];
  for (let life = 0; life <= KILLS; life++) {
    const target = await startTarget();
    // What it has acknowledged in its last life it serves in this one.
    for (const hash of lastLife) {
      (await fetched(node, hash)).release();
    }
    if (life === KILLS) {
      target.kill('SIGTERM');
      await once(target, 'exit');
      break;
    }
    const thisLife: string[] = [];
    let dead = false;
    let begun: (() => void) | undefined;
    const first = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const put = async () => {
      while (!dead) {
        await node.putChunk(content.next(CHUNK), 1, 'ng1').then(
          ({ hash }) => {
            thisLife.push(hash);
            begun!();
          },
          () => {
            if (dead) interrupted++;
          },
        );
      }
    };
    const putting = Promise.all([put(), put(), put()]);
    await first;
    await sleep(Math.random() * LIFE);
    target.kill('SIGKILL');
    await once(target, 'exit');
    dead = true;
    await putting;
    for (const hash of thisLife) acknowledged.add(hash);
    lastLife = thisLife;
  }
  const { present, broken } = await inspect();
  t.same(broken, [], 'nothing half-written is in the store');
  t.same(
    [...acknowledged].filter((hash) => !present.has(hash)),
    [],
    `all ${acknowledged.size} chunks that were acknowledged are there and verify`,
  );
  t.ok(acknowledged.size >= KILLS, 'something was stored in every life');
  t.ok(interrupted >= KILLS / 2, `puts were under way when it was killed (${interrupted})`);
});
