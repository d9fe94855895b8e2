import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { type Life, lifeOf, lives } from '../../lab/live/life.ts';
import { startProgram, users } from './fixtures/programs.ts';

let runs = 0;

/** Starts the program; `token` stands in the command line of every process that belongs to it. */
function start(user: readonly string[], ...args: string[]) {
  const token = `castlab-test-${process.pid}-${runs++}`;
  return { token, ...startProgram('sandboxed.ts', user, [...args, token]) };
}

/** Processes with the token in their command line. */
function processes(token: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`).includes(token))
    .map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended meanwhile
  }
}

const isUnshare = (pid: number) => read(`/proc/${pid}/comm`) === 'unshare\n';
const isInit = (pid: number) => /^NSpid:.*\t1$/m.test(read(`/proc/${pid}/status`));

async function until<T>(what: string, condition: () => T | undefined | false, limit = 20_000): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(10);
  }
}

/** Waits for the line that says that the program is set up. */
async function ready(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once('data', () => resolve());
    child.once('exit', () => reject(new Error('ended before it was ready')));
  });
}

/** The namespaces of the running program, as the kernel names them, named and unnamed ones. */
function namespaces(token: string): Set<string> {
  const found = new Set<string>();
  for (const pid of processes(token)) {
    for (const kind of ['net', 'mnt', 'pid', 'user']) {
      try {
        const name = readlinkSync(`/proc/${pid}/ns/${kind}`);
        if (name !== readlinkSync(`/proc/self/ns/${kind}`)) found.add(name);
      } catch {
        // ended meanwhile
      }
    }
    for (const [name] of read(`/proc/${pid}/mountinfo`).matchAll(/net:\[\d+\]/g)) found.add(name);
  }
  return found;
}

/** All processes of this machine, each by number and start. */
const everybody = (): Life[] =>
  readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? lifeOf(Number(name)) : [];
    } catch {
      return []; // ended meanwhile
    }
  });

/**
 * Which of these namespaces anything on this machine still holds: a process, a descriptor or a mount. The kernel gives the number of one that is
 * gone to a new one, so that only who lived before can hold one of these.
 */
function held(names: Set<string>, before: readonly Life[]): string[] {
  const found = new Set<string>();
  const note = (path: string) => {
    try {
      const name = readlinkSync(path);
      if (names.has(name)) found.add(name);
    } catch {
      // ended or closed meanwhile
    }
  };
  for (const { pid } of before.filter(lives)) {
    for (const kind of ['net', 'mnt', 'pid', 'user']) note(`/proc/${pid}/ns/${kind}`);
    let fds: string[] = [];
    try {
      fds = readdirSync(`/proc/${pid}/fd`);
    } catch {
      // ended meanwhile, or somebody else's
    }
    for (const fd of fds) note(`/proc/${pid}/fd/${fd}`);
    for (const [name] of read(`/proc/${pid}/mountinfo`).matchAll(/net:\[\d+\]/g)) if (names.has(name)) found.add(name);
  }
  return [...found];
}

for (const [name, user] of Object.entries(users)) {
  t.test(`as ${name}`, async (t) => {
    t.test('the inner program is alone, as PID 1, and can make namespaces', async (t) => {
      const { code, lines, stderr } = await start(user, 'facts', 'a b', '--c').result();
      t.equal(code, 0, stderr);
      const facts = lines[0];
      t.match(facts, { pid: 1, uid: 0, interfaces: ['lo'], processes: ['1'], run: ['netns'], marked: false });
      t.same(facts.arguments.slice(0, 2), ['a b', '--c']);
      t.not(facts.net, readlinkSync('/proc/self/ns/net'));
      t.not(facts.east, facts.net);
      t.notOk(
        facts.descriptors.includes(3) || facts.descriptors.includes(4),
        'its programs inherit neither lifeline nor stderr copy',
      );
      t.equal(stderr, '');
    });

    t.test('exit codes come through', async (t) => {
      for (const code of [0, 1, 3, 77]) t.equal((await start(user, 'exit', String(code)).result()).code, code);
    });

    t.test('orphans that end are collected, and none of the own children is lost', async (t) => {
      const { lines } = await start(user, 'orphans').result();
      t.same(lines, [{ own: 7, zombies: 0, sleepers: 0 }]);
    });

    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      t.test(`${signal}: the inner program cleans up, then ${code}`, async (t) => {
        const run = start(user, 'idle', 'kind');
        await ready(run.child);
        run.child.kill(signal);
        const result = await run.result();
        t.equal(result.code, code);
        t.same(result.lines.at(-1), { message: `interrupted by ${signal}` });
        t.same(processes(run.token), []);
      });
    }

    t.test('a second Ctrl-C ends also a program that does not listen', async (t) => {
      const run = start(user, 'idle', 'stubborn');
      await ready(run.child);
      run.child.kill('SIGINT');
      await pause(50);
      run.child.kill('SIGINT');
      t.equal((await run.result()).code, 130);
    });

    for (const what of ['idle', 'busy']) {
      for (const victim of ['outer', 'unshare', 'inner'] as const) {
        t.test(`SIGKILL of the ${victim} process of a program that is ${what} leaves nothing`, async (t) => {
          const run = start(user, what, 'x');
          await ready(run.child);
          const all = processes(run.token);
          const names = namespaces(run.token);
          t.ok(names.size >= 6, `it holds namespaces: ${[...names].join(' ')}`);
          const before = everybody();
          const pid = { outer: run.child.pid!, unshare: all.find(isUnshare)!, inner: all.find(isInit)! }[victim];
          process.kill(pid, 'SIGKILL');
          const { code, signal, stderr } = await run.result();
          if (victim === 'outer') t.equal(signal, 'SIGKILL');
          else {
            t.equal(code, 1);
            t.equal(stderr, 'the sandbox was killed (SIGKILL) before it finished; nothing of it is left\n');
          }
          await until('all processes to end', () => processes(run.token).length === 0);
          await until('all namespaces to go', () => held(names, before).length === 0);
          t.notMatch(read('/proc/self/mountinfo'), / castlab /, 'no mount is left');
        });
      }
    }

    t.test('SIGKILL at random moments leaves nothing', async (t) => {
      for (let i = 0; i < 10; i++) {
        const run = start(user, 'idle', 'x');
        const victim = (['outer', 'unshare', 'inner'] as const)[i % 3]!;
        const find = {
          outer: () => run.child.pid,
          unshare: () => processes(run.token).find(isUnshare),
          inner: () => processes(run.token).find(isInit),
        };
        const pid = await until(victim, find[victim]);
        await pause(Math.random() * 400);
        const names = namespaces(run.token);
        const before = everybody();
        process.kill(pid, 'SIGKILL');
        await run.result();
        await until(`all processes to end after ${victim} was killed`, () => processes(run.token).length === 0);
        await until(`all namespaces to go after ${victim} was killed`, () => held(names, before).length === 0);
      }
      t.notMatch(read('/proc/self/mountinfo'), / castlab /, 'no mount is left');
    });
  });
}

t.test('where user namespaces are off: why, what mends it, 77', async (t) => {
  // A user namespace may forbid further ones; without CAP_SYS_ADMIN the program needs one.
  const run = start([
    ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
    'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set -sys_admin -- "$@"',
    'sh',
  ]);
  const { code, stderr } = await run.result();
  t.equal(code, 77);
  t.match(stderr, /^no sandbox: user namespaces are switched off \(user.max_user_namespaces is 0\) \[unshare: .*\]\n/);
  t.match(stderr, /\n {2}to mend it: sudo sysctl -w user.max_user_namespaces=15000\n$/);
});

t.test('without util-linux: says so, 77', async (t) => {
  const { code, stderr } = await start(['env', 'PATH=/nonexistent']).result();
  t.equal(code, 77);
  t.match(
    stderr,
    /^the programs "unshare", "setpriv", "nsenter" were not found\n {2}to mend it: sudo apt-get install util-linux\n$/,
  );
});
