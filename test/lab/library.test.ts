/** The library where it must not fail: a test process that is killed, a topology that is wrong. What it is for is in test/examples. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, lab } from 'castlab';
import t from 'tap';
import { lifeOf, lives } from '../../lab/live/life.ts';
import { root, temporaryFolder } from './castlab.ts';

const namespacesOf = (pid: string) => {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined; // it has just ended
  }
};

t.test('SIGKILL of the process that runs the test ends its lab', async (t) => {
  const topology = { name: 'orphan', zones: { z: { hosts: { t1: 'target', t2: 'target' } } } };
  const script = `
    import { lab } from 'castlab';
    const net = await lab({ after() {} }, ${JSON.stringify(topology)});
    const { stdout } = await net.exec('t1', ['readlink', '/proc/self/ns/pid']);
    console.log(stdout.trim());
    setInterval(() => {}, 1000);`;
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, '--input-type=module', '-e', script], {
    cwd: root,
    env: { ...process.env, XDG_RUNTIME_DIR: temporaryFolder(t) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const space = line.toString().trim();
  const inside = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && namespacesOf(name) === space)
    .map((pid) => lifeOf(Number(pid)));
  t.ok(inside.length >= 3, `supervisor and nodes in ${space}`);
  child.kill('SIGKILL');
  for (let i = 0; i < 500 && inside.some(lives); i++) await sleep(20);
  t.same(inside.filter(lives), [], 'nothing of it runs');
});

t.test('what is wrong is said before anything starts', async (t) => {
  const wrong = 'name: wrong\nzones: { z: { hosts: { t1: target } } }\ntrunks: [{ between: [z, y] }]\n';
  await t.rejects(lab(t, wrong), InputError);
  await t.rejects(lab(t, wrong), /topology\.yaml:3:\d+: .*"y"/);
  await t.rejects(lab({}, 'name: right\nzones: { z: { hosts: { t1: none } } }\n'), /lab wants the t of a test/);
  await t.rejects(lab(t, '/nonexistent/topology.yaml'), /\/nonexistent\/topology\.yaml/);
});

t.test('a step that fails, or is none, is an error', async (t) => {
  const net = await lab(t, { name: 'steps', zones: { z: { hosts: { i1: 'initiator', t1: 'target', r1: 'none' } } } });
  await t.rejects(net.kill('t2'), /unknown host "t2" \(did you mean "t1"\?\)/);
  await t.rejects(net.step({ run: { node: 'r1', command: ['false'] } }), /false on r1.*ended with exit code 1/s);
  t.match(await net.exec('r1', ['sh', '-c', 'echo out; echo err >&2; exit 3']), {
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  t.match(await net.step({ run: { node: 'r1', command: ['echo', 'said'] } }), ['said']);
  await net.close();
});
