/** Boots the VM: with the kernel of this machine's own, or emulated; the guest does the same either way. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { UnsupportedError } from '../../lab/sandbox/unsupported.ts';
import { findParts } from '../../lab/vm/index.ts';
import { start, temporaryFolder } from '../lab/castlab.ts';

/** Why this machine has no VM; `false` when it has one. */
const lacking = await findParts().then(
  () => false as const,
  (error: Error) => {
    if (error instanceof UnsupportedError) return error.message;
    throw error;
  },
);

/** Command lines of running programs that contain `text`. */
function running(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // it has ended meanwhile
      }
    })
    .filter((line) => line.includes(text));
}

/** Waits until it is so, or castlab has ended. */
async function until(condition: () => boolean, ended: Promise<unknown>): Promise<void> {
  let over = false;
  ended.finally(() => {
    over = true;
  });
  while (!over && !condition()) await pause(20);
}

/** ms that netem adds in the guest, one way. */
const DELAY = 50;
/** Prints the round-trip time over the guest's loopback, ms. */
const ROUND_TRIP = `
  const socket = require('node:dgram').createSocket('udp4');
  let sent;
  let passes = 0;
  socket.on('message', () => {
    if (++passes === 1) return socket.send('back', socket.address().port, '127.0.0.1');
    console.log('rtt', Number(process.hrtime.bigint() - sent) / 1e6);
    socket.close();
  });
  socket.bind(0, '127.0.0.1', () => {
    sent = process.hrtime.bigint();
    socket.send('there', socket.address().port, '127.0.0.1');
  });`;

t.test('a command in the VM', { skip: lacking }, async (t) => {
  const folder = temporaryFolder(t);
  const share = join(folder, 'share');
  mkdirSync(share);
  const script = `
    uname -r
    echo "to the error output" >&2
    echo "in $PWD with $1 and $2"
    echo kept >"$3/kept"
    echo lost >"$3.lost" && cat "$3.lost"
    tc qdisc add dev lo root netem delay ${DELAY}ms && "$4" -e "$5"
    trap 'echo interrupted; exit 7' INT
    echo ready >"$3/ready"
    while :; do sleep 0.1; done`;
  const args = ['a b', "it's", share, process.execPath, ROUND_TRIP];
  const { child, ended } = start(
    ['vm', 'exec', '--memory', '768', '--share', share, '--', 'sh', '-c', script, 'sh', ...args],
    {
      cwd: folder,
    },
  );
  await until(() => existsSync(join(share, 'ready')), ended);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;

  t.equal(code, 7, `the exit code comes through: ${stderr}`);
  const lines = stdout.split('\n');
  t.equal(lines[0], (await findParts()).kernel.version, 'it ran under the installed kernel');
  t.match(stderr, 'to the error output');
  t.equal(lines[1], `in ${folder} with a b and it's`);
  t.equal(readFileSync(join(share, 'kept'), 'utf8'), 'kept\n');
  const layered = process.geteuid?.() === 0; // an ordinary user's guest has a read-only root
  t.equal(/^lost$/m.test(stdout), layered, 'everything can be written there');
  t.notOk(existsSync(`${share}.lost`), 'and only the share is written here');
  const rtt = Number(/^rtt (.+)$/m.exec(stdout)?.[1]);
  t.ok(rtt >= 2 * DELAY, `netem delays: ${rtt} ms`);
  t.match(stdout, /interrupted\n$/, 'the signal reached the command');
  t.same(running(share), [], 'nothing is left running');
});

t.test('SIGKILL of castlab leaves neither program nor file', { skip: lacking }, async (t) => {
  const folder = temporaryFolder(t);
  const { child, ended } = start(['vm', 'exec', '--memory', '256', '--share', folder, '--', 'true'], { cwd: folder });
  const daemon = () => [...running(`source=${folder}`), ...running(`shared-dir=${folder}`)][0];
  await until(() => daemon() !== undefined, ended);
  const workspace = /socket-path=(\S*\/castlab-vm-[^/ ]+)/.exec(daemon() ?? '')?.[1];
  t.ok(workspace !== undefined && existsSync(workspace), `it works in ${workspace}`);
  await until(() => running(workspace!).some((line) => line.startsWith('/') && line.includes('qemu-system')), ended);
  child.kill('SIGKILL');
  await ended;
  for (let i = 0; i < 250 && (running(workspace!).length > 0 || existsSync(workspace!)); i++) await pause(20);
  t.same([running(workspace!), existsSync(workspace!)], [[], false]);
});
