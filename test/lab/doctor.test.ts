/** What castlab doctor says of a machine that lacks something, and what the commands that need it say: the same words. */
import { accessSync, chmodSync, constants, copyFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Diagnosis } from '../../lab/doctor/index.ts';
import { searchPath } from '../../lab/sandbox/programs.ts';
import { type Ended, smallTopology, start, temporaryFolder, topologyFile } from './castlab.ts';

/** A topology that asks for a delay. */
const delayed = smallTopology.replace('trunk: { rate: 100mbit }', 'trunk: { delay: 5ms }');
const asRoot = process.getuid!() === 0;

/** Runs a shell script in mounts of its own, then, in the same place, what comes after it. */
const after = (script: string) => [
  ...[
    'unshare',
    '--mount',
    ...(asRoot ? [] : ['--user', '--map-root-user']),
    'sh',
    '-ec',
    `${script}\nexec "$@"`,
    'sh',
  ],
];

/** Every file that a program is in. */
function filesOf(program: string): string[] {
  const found = searchPath().flatMap((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return [realpathSync(join(folder, program))];
    } catch {
      return [];
    }
  });
  return [...new Set(found)];
}

/** Hides programs: what is in their place cannot be run. */
const without = (...programs: string[]) =>
  after(programs.flatMap((name) => filesOf(name).map((file) => `mount --bind /dev/null '${file}'`)).join('\n'));

/** Puts another program in the place of one. */
function instead(t: Test, program: string, script: (real: string) => string): string[] {
  const folder = temporaryFolder(t);
  const [file] = filesOf(program);
  copyFileSync(file!, join(folder, 'real'));
  writeFileSync(join(folder, 'false'), `#!/bin/sh\n${script(join(folder, 'real'))}\n`);
  chmodSync(join(folder, 'false'), 0o755);
  return after(`mount --bind '${join(folder, 'false')}' '${file}'`);
}

/** What doctor finds there, and what a command says. */
async function compare(as: readonly string[], ...args: string[]): Promise<{ diagnosis: Diagnosis; said: Ended }> {
  const doctor = await start(['doctor', '--json'], { as }).ended;
  if (doctor.stdout === '') throw new Error(`doctor said nothing: ${doctor.stderr}`);
  return { diagnosis: JSON.parse(doctor.stdout) as Diagnosis, said: await start(args, { as }).ended };
}

/** Checks that doctor names what is missing, and that a command refused in its words. */
function sameWords(t: Test, { diagnosis, said }: Awaited<ReturnType<typeof compare>>, name: string): void {
  const check = diagnosis.checks.find((one) => one.name === name);
  t.match(check, { state: 'missing', reason: String, remedy: String }, name);
  t.equal(said.code, 77, `${said.stdout}${said.stderr}`);
  // A report may break lines and indent them.
  const words = (text: string) => text.replace(/\s+/g, ' ');
  const text = words(`${said.stdout}${said.stderr}`);
  t.ok(text.includes(words(check!.reason!)), `${check!.reason} | ${text}`);
  t.ok(text.includes(`to mend it: ${check!.remedy}`), check!.remedy!);
}

const run = (t: Test, topology: string, ...more: string[]) => [
  ...['run', topologyFile(t, topology), '--out', temporaryFolder(t), ...more],
];

t.test('user namespaces off', async (t) => {
  const off = [
    ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
    'echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --bounding-set -sys_admin -- "$@"',
    'sh',
  ];
  const found = await compare(off, ...run(t, smallTopology));
  sameWords(t, found, 'namespaces');
  t.notOk(found.diagnosis.healthy);
  const up = await start(['up', topologyFile(t)], { as: ['env', `XDG_RUNTIME_DIR=${temporaryFolder(t)}`, ...off] })
    .ended;
  t.equal(up.code, 77);
  t.match(up.stderr, /user namespaces are switched off/);
});

t.test('no iproute2', async (t) => {
  const found = await compare(without('ip', 'tc', 'bridge'), ...run(t, smallTopology));
  sameWords(t, found, 'iproute2');
  t.notOk(found.diagnosis.healthy);
});

t.test('no sch_netem: only who asks for it is refused', async (t) => {
  const noNetem = instead(
    t,
    'tc',
    (real) =>
      `case "$*" in *netem*) echo 'Error: Specified qdisc kind is unknown.' >&2; exit 2 ;; esac\nexec '${real}' "$@"`,
  );
  const found = await compare(noNetem, ...run(t, delayed, '--links', 'netem'));
  sameWords(t, found, 'netem');
  t.ok(found.diagnosis.healthy, 'wires do it in its place');
});

t.test('no qemu: castlab vm says so, run does not need it', async (t) => {
  const found = await compare(without('qemu-system-x86_64', 'qemu-system-aarch64'), 'vm', 'run', topologyFile(t));
  sameWords(t, found, 'qemu');
  t.ok(found.diagnosis.healthy);
});

t.test('no tcpdump: nothing needs it', async (t) => {
  const { diagnosis, said } = await compare(without('tcpdump'), ...run(t, smallTopology));
  t.match(
    diagnosis.checks.find(({ name }) => name === 'tcpdump'),
    { state: 'missing', required: false, reason: 'the program "tcpdump" was not found' },
  );
  t.ok(diagnosis.healthy);
  t.equal(said.code, 0, said.stdout);
});
