import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ControlClient } from '../../src/daemon/control.ts';
import { GeneratedContent } from '../../src/replicast/index.ts';
import { Loopback } from '../replicast/loopback.ts';
import { bundle, type Ran, runToEnd } from '../replicast/program.ts';

/** What cannot be done, asked of the real program: a clear error, a non-zero exit, and nothing lost. */

const MiB = 1 << 20;
/** The store keeps 16 MiB of every disk free: what is left has room for one object and not for the next. */
const DISK = 21 * MiB;
/** ms that a program may take to start: only a hang takes longer. */
const PATIENCE = 30_000;

const program = await bundle(t);
const cluster = new Loopback(t, 3, { attempts: 4 });
const path = (name: string) => join(cluster.folder, name);
// For a user without privileges.
for (const folder of [cluster.folder, dirname(program)]) chmodSync(folder, 0o755);

/** A target whose store is on a small disk of its own. */
async function startTarget(name: string): Promise<ChildProcess> {
  const script = `mount -t tmpfs -o size=${DISK} tmpfs ${path(`store-${name}`)} && exec "$@"`;
  const command = ['sh', '-c', script, 'sh', process.execPath, program, 'target', '--config', cluster.config(name)];
  const child = spawn('unshare', ['--user', '--map-root-user', '--mount', ...command], { stdio: 'inherit' });
  t.teardown(() => child.kill('SIGKILL'));
  for (const late = performance.now() + PATIENCE; ; await sleep(20)) {
    const client = await ControlClient.connect(path(`${name}.sock`)).catch(() => undefined);
    client?.close();
    if (client) return child;
    if (child.exitCode !== null || performance.now() > late) throw new Error(`${name} does not start`);
  }
}

function run(command: readonly string[], as: readonly string[] = []): Promise<Ran> {
  const [first, ...rest] = [...as, process.execPath, program, ...command, '--config', cluster.config('i1')];
  return runToEnd([first!, ...rest]);
}

function file(name: string, size: number): string {
  writeFileSync(path(name), new GeneratedContent(name).next(size));
  return path(name);
}

t.test('what is refused, and what stays', async (t) => {
  const [, , third] = await Promise.all(['t1', 't2', 't3'].map(startTarget));
  const small = file('small', 2 * MiB);
  const put = await run(['put', small, '--json']);
  t.match(put, { code: 0, err: '' });
  const { object } = JSON.parse(put.out) as { object: string };
  const output = path('out');
  const intact = async (when: string) => {
    t.match(await run(['get', object, '-o', output]), { code: 0, err: '' });
    t.ok(readFileSync(output).equals(readFileSync(small)), when);
  };

  const full = await run(['put', file('large', 12 * MiB)]);
  t.match(full, { code: 1, out: '', err: /the object is not stored: .*\(no space\)/ }, 'the disks are full');
  await intact('a full disk has cost nothing');

  const unknown = path('unknown');
  t.match(
    await run(['get', 'ab'.repeat(32), '-o', unknown]),
    { code: 1, out: '', err: /chunk not found: abab.*; asked t1, t2 and t3/ },
    'a hash that nobody has',
  );
  t.notOk(existsSync(unknown), 'and no file');

  const empty = file('empty', 0);
  t.match(await run(['put', small, empty]), { code: 2, out: '', err: /empty is empty: there is nothing to store/ });
  const secret = file('secret', 100);
  chmodSync(secret, 0);
  const nobody = process.getuid!() === 0 ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : [];
  t.match(await run(['put', secret], nobody), { code: 2, out: '', err: /cannot read .*secret: .*permission denied/ });
  t.match(await run(['put', small, '--group', 'ng9']), { code: 1, out: '', err: /there is no group "ng9"/ });
  t.match(
    await run(['put', small, '--replicas', '4']),
    { code: 1, out: '', err: /4 replicas/ },
    'more replicas than the group has members',
  );

  third!.kill('SIGKILL');
  await once(third!, 'exit');
  const few = await run(['put', file('few', 1000)]);
  t.match(few, { code: 1, out: '', err: /the object is not stored: .*no answer from t3/ }, 'too few are alive');
  await intact('two of three still serve it');
});
