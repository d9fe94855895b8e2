/** A lab to work in: everything that is done in it from another terminal, one lab for all of it. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { asNobody, temporaryFolder, topologyFile } from './castlab.ts';
import { command, living, outputOf } from './fixtures/living.ts';

/** Waits until it is so, for a minute at most: then the assertion after it says what is not. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !condition(); i++) await sleep(20);
}

t.test('a lab from up to down', async (t) => {
  const { castlab, start, runtime, env } = living(t);
  const folder = temporaryFolder(t);
  /** What it prints. @throws Error when it does not go well. */
  const ok = async (...args: string[]) => {
    const ended = await castlab(...args);
    if (ended.code !== 0) throw new Error(`castlab ${args.join(' ')}: exit code ${ended.code}: ${ended.stderr}`);
    return ended.stdout;
  };
  const status = async () => JSON.parse(await ok('status', 'small', '--json'));

  // On a terminal that closes when the command has ended.
  const file = topologyFile(t);
  const typed = spawnSync('script', ['-qec', `env -u NODE_OPTIONS '${command}' up '${file}'`, '/dev/null'], { env });
  t.match(typed.stdout.toString(), 'small is up: 6 hosts and switches, 5 links');
  t.match(await ok('ls'), /^small +up +small /m);

  await t.test('exec', async (t) => {
    const { code, stdout, stderr } = await castlab('exec', 'small', 't1', '--', 'sh', '-c', 'ip -br addr; pwd; exit 7');
    t.equal(code, 7, stderr);
    t.match(stdout, '10.2.0.11/24');
    t.match(stdout, process.cwd());
    t.equal((await castlab('exec', 'small', 'east', '--', 'ls', '/sys/class/net/')).code, 0, 'on a switch');
    t.match((await castlab('exec', 'small', 't1', 'hostname')).stdout, /./, 'without --');
  });

  await t.test('put, step, expect', async (t) => {
    t.match(await ok('put', 'small', '--from', 'i1', '--size', '64KiB', '--replicas', '3'), /65536 bytes/);
    t.match(await ok('step', 'small', 'get: { by: i1 }'), /1 objects, 65536 bytes identical/);
    const verdicts = await ok('expect', 'small');
    t.equal(verdicts.match(/^✓/gm)?.length, 3, verdicts);
    await ok('step', 'small', 'send: { from: i1, to: [t1], count: 2, copies: 2 }');
    const failing = await castlab('expect', 'small', 'delivered: all');
    t.equal(failing.code, 1, 'a datagram that comes twice is found');
    t.match(failing.stdout, /^✗ .*\n {4}datagram [0-9a-f]{16} from i1 to t1/m);
    t.equal((await castlab('expect', 'small', '--everything', 'delivered: all')).code, 1, 'and again');
    await ok('step', 'small', 'send: { from: i1, to: [t1] }');
    t.match(await ok('expect', 'small', 'delivered: all'), /1 datagrams, 1 deliveries/, 'only what is new counts');
  });

  await t.test('links and nodes', async (t) => {
    await ok('impair', 'small', 'west>east', 'delay=20ms', 'loss=1%');
    await ok('down-link', 'small', 'east--t1');
    await ok('kill', 'small', 't2');
    const { links, nodes } = await status();
    const trunk = links.find(({ name }: { name: string }) => name === 'west--east');
    t.match(trunk.directions[0], { name: 'west>east', properties: { rate: 1e8, delay: 20, loss: 0.01 } });
    t.match(trunk.directions[1].properties, { rate: 1e8 });
    t.ok(trunk.directions[0].bytes > 65536, 'the put crossed it');
    t.equal(links.find(({ name }: { name: string }) => name === 't1--east').state, 'down');
    t.equal(nodes.find(({ name }: { name: string }) => name === 't2').state, 'killed');
    await ok('impair', 'small', 'west>east', 'delay=0ms', 'loss=0%');
    await ok('up-link', 'small', 't1--east');
    await ok('restart', 'small', 't2');
    const after = await status();
    t.ok(after.links.every(({ state }: { state: string }) => state === 'up'));
    t.ok(after.nodes.every(({ state }: { state: string }) => state === 'running'));
    t.match(await ok('status', 'small'), /^t2 +east +target +10\.2\.0\.12 +running$/m);
    t.match(JSON.parse(await ok('status', 'small', '--counters')), { t1: {} });
  });

  await t.test('logs and captures', async (t) => {
    t.match(await ok('logs', 'small', 't1'), /^t1: .* info .*10\.2\.0\.11:8296/m);
    const file = join(folder, 'small.pcapng');
    const capture = start('capture', 'small', '--link', 'east--west', '-o', file);
    let said = '';
    capture.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await until(() => said.includes('capturing'));
    await ok('step', 'small', 'send: { from: i1, to: [t1], count: 5 }');
    const ended = outputOf(capture);
    capture.kill('SIGINT');
    t.equal((await ended).code, 0, said);
    const bytes = readFileSync(file);
    t.equal(bytes.readUInt32LE(0), 0x0a0d0d0a, 'pcapng');
    t.ok(bytes.includes('west>east') && !bytes.includes('t1>east'), 'of that link only');
    t.ok(countOf(bytes, 6) >= 10, 'each datagram at both ends');

    const killed = start('capture', 'small');
    killed.stdout!.resume();
    await once(killed.stderr!, 'data');
    t.ok(capturing(runtime).length > 0);
    killed.kill('SIGKILL');
    await until(() => capturing(runtime).length === 0);
    t.same(capturing(runtime), [], 'a capture ends with its command, however that ends');
  });

  await t.test('what is not there: the nearest name, exit code 2', async (t) => {
    const cases: [string[], RegExp][] = [
      [['status', 'smal'], /unknown lab "smal" \(did you mean "small"\?\)/],
      [['exec', 'smal', 't1', '--', 'true'], /unknown lab "smal" \(did you mean "small"\?\)/],
      [['exec', 'small', 'eats', '--', 'true'], /unknown host, switch or router "eats" \(did you mean "east"\?\)/],
      [['kill', 'small', 't9'], /castlab kill: unknown host "t9" \(did you mean "t3"\?\)/],
      [
        ['down-link', 'small', 'west--eats'],
        /castlab down-link: unknown link "west--eats" \(did you mean "west--east"\?\)/,
      ],
      [['impair', 'small', 'west--east', 'dealy=1ms'], /unknown field "dealy" \(did you mean "delay"\?\)/],
      [['impair', 'small', 'west--east', 'delay'], /such as delay=20ms/],
      [['impair', 'small', 'west--east', 'delay=5'], /castlab impair: impair.delay: expected a time with its unit/],
      [['put', 'small', '--from', 'i2', '--size', '1MiB'], /castlab put: unknown host "i2" \(did you mean "i1"\?\)/],
      [['step', 'small', 'gte: { by: i1 }'], /unknown field "gte"/],
      [['expect', 'small', 'deliverd: all'], /unknown field "deliverd" \(did you mean "delivered"\?\)/],
      [['logs', 'small', 't9'], /unknown host "t9" \(did you mean "t3"\?\)/],
      [['capture', 'small', '--link', 'west--eats'], /unknown link "west--eats" \(did you mean "west--east"\?\)/],
      [['down', 'smal'], /unknown lab "smal" \(did you mean "small"\?\)/],
      [['down'], /name the labs to end, or --all/],
      [['statsu', 'small'], /unknown command 'statsu'\n\(Did you mean status\?\)/],
    ];
    for (const [args, said] of cases) {
      const { code, stderr } = await castlab(...args);
      t.equal(code, 2, args.join(' '));
      t.match(stderr, said);
    }
  });

  await t.test('completion of names in bash', async (t) => {
    const { stdout: script } = await castlab('completion', 'bash');
    const complete = (...words: string[]) => {
      const simulate = `${script}\nCOMP_WORDS=(castlab ${words.join(' ')}); COMP_CWORD=${words.length}; _castlab; echo "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', simulate], { env: { ...process.env, XDG_RUNTIME_DIR: runtime } })
        .stdout.toString()
        .trim();
    };
    t.equal(complete('exe'), 'exec');
    t.equal(complete('exec', 'sm'), 'small');
    t.same(complete('exec', 'small', 't').split(' ').sort(), ['t1', 't2', 't3']);
    t.equal(complete('down-link', 'small', 'west'), 'west--east');
    t.match(complete('up', '--'), '--name');
  });

  const following = start('logs', 'small', '-f');
  const followed = outputOf(following);
  await once(following.stdout!, 'data');
  t.match(await ok('down', 'small'), 'small is down');
  t.equal((await followed).code, 0, 'logs -f ends with its lab');
  t.match(await ok('ls'), 'no lab is up');
  t.notOk(existsSync(join(runtime, 'castlab/small')), 'its folder went with it');
});

t.test('an ordinary user', { skip: process.getuid!() !== 0 && 'this is one' }, async (t) => {
  // Where an ordinary user's runtime folder is: below /run, which the sandbox covers.
  const { castlab } = living(t, { as: asNobody, uid: 65534, below: '/run' });
  const file = topologyFile(t);
  chmodSync(dirname(file), 0o755);
  const up = await castlab('up', file);
  t.equal(up.code, 0, up.stderr);
  t.equal((await castlab('exec', 'small', 't1', '--', 'id', '-u')).stdout, '0\n', 'root of its own lab');
  const put = await castlab('put', 'small', '--from', 'i1', '--size', '64KiB', '--replicas', '3');
  t.equal(put.code, 0, put.stderr);
  t.equal((await castlab('expect', 'small')).code, 0);
  t.equal((await castlab('down', '--all')).code, 0);
});

/** Processes that capture in labs of this runtime folder. */
const capturing = (runtime: string) =>
  readdirSync('/proc').filter((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return /^\d+$/.test(pid) && line.includes(`\0capture-inside\0${runtime}`);
    } catch {
      return false; // it has just ended
    }
  });

/** Blocks of one type in a pcapng file. */
function countOf(bytes: Buffer, type: number): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) if (bytes.readUInt32LE(at) === type) count++;
  return count;
}
