/** The package as users get it: packed, installed into an empty folder, and used there. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Ended, root, smallTopology, temporaryFolder } from '../lab/castlab.ts';
import { outputOf } from '../lab/fixtures/living.ts';

/** Runs a program to its end, as somebody who has nothing to do with this test would. */
function run(cwd: string, ...command: string[]): Promise<Ended> {
  const env = { ...process.env, npm_config_update_notifier: 'false', npm_config_loglevel: 'error' };
  return outputOf(spawn('env', ['-u', 'NODE_OPTIONS', ...command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** What `npm pack --json` says. */
interface Packed {
  filename: string;
  files: { path: string; mode: number }[];
  unpackedSize: number;
}

const folder = temporaryFolder(t);
const packed = await run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
const [{ filename, files, unpackedSize }] = JSON.parse(packed.stdout) as [Packed];
const paths = files.map(({ path }) => path);

t.test('it contains what is needed and nothing else', async (t) => {
  for (const needed of [
    ...['README.md', 'package.json', 'bin/castlab', 'dist/castlab.js', 'dist/mrouter.js', 'dist/replicast.js'],
    ...['dist/index.js', 'dist/types/lab/index.d.ts', 'dist/mrouter-library.js', 'dist/types/src/daemon/library.d.ts'],
    ...['topologies/ring.yaml', 'topologies/tun/gateway.yaml'],
    ...['share/wireshark/castlab.lua', 'docs/mrouter.md'],
  ]) {
    t.ok(paths.includes(needed), needed);
  }
  const places = /^((bin|dist|docs|share|topologies)\/|(README\.md|LICENSE|package\.json)$)/;
  t.same(
    paths.filter((path) => !places.test(path)),
    [],
  );
  t.same(
    paths.filter((path) => /\.map$|\.test\.|(^|\/)(src|lab)\/.*(?<!\.d)\.ts$/.test(path)),
    [],
    'neither sources nor tests',
  );
  t.ok(unpackedSize < 4e6, `${unpackedSize} bytes`);
});

t.test('installed into an empty folder it runs a topology of the user’s own', async (t) => {
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n');
  const tarball = join(folder, filename);
  const installed = await run(home, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball);
  t.equal(installed.code, 0, installed.stderr);
  t.ok(existsSync(join(home, 'node_modules/.bin/castlab')));
  const modules = readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'));
  t.notOk(modules.includes('typescript') || modules.includes('tap'), modules.join(' '));

  const doctor = await run(home, 'npx', 'castlab', 'doctor');
  t.match(doctor.stdout, /^\d+ of \d+ shipped topologies can run here$/m, doctor.stderr);
  t.equal(doctor.code, /^(\d+) of \1 shipped/m.test(doctor.stdout) ? 0 : 77);

  writeFileSync(join(home, 'own.yaml'), smallTopology);
  const ran = await run(home, 'npx', 'castlab', 'run', 'own.yaml');
  t.equal(ran.code, 0, `${ran.stdout}${ran.stderr}`);
  t.match(ran.stdout, /^ok 1 - small/m);
  t.equal(readdirSync(join(home, 'runs/small')).length, 1, 'evidence in the folder where it was run');

  const test = `import { test } from 'node:test';
import { lab, type RunningLab } from 'castlab';

test('a put', async (t) => {
  const net: RunningLab = await lab(t, 'own.yaml');
  await net.put({ from: 'i1', size: '64KiB', replicas: 3 });
  await net.expect.traversals({ on: 'trunks', 'per-datagram': 1 });
  await net.expect();
});
`;
  writeFileSync(join(home, 'own.test.ts'), test);
  // The overlay as a library: two hosts in one program, on loopback.
  const overlay = `import { writeFileSync } from 'node:fs';
import { MRouter, type ReceivedDatagram } from 'castlab/mrouter';

const host = (number: number) => ({
  zone: 'here',
  underlay: \`127.91.77.\${number}\`,
  mac: \`02:00:7f:5b:4d:0\${number}\`,
});
const map = {
  prefix: 'fd63:6173:746c:1::/64',
  zones: { here: { subnet: '127.91.77.0/24' } },
  targets: { a: host(1), b: host(2) },
  groups: { g: { id: '000000000001', members: ['a', 'b'] } },
};
writeFileSync('map.json', JSON.stringify(map));
const open = (name: string, number: number): Promise<MRouter> => {
  const config = { name, role: 'target', map: 'map.json', ...host(number), control: \`\${name}.sock\`, log: { level: 'warn' } };
  writeFileSync(\`\${name}.json\`, JSON.stringify(config));
  return MRouter.open(\`\${name}.json\`);
};
const [a, b] = await Promise.all([open('a', 1), open('b', 2)]);
let bytes = 0;
const all = new Promise<void>((resolve) => {
  b!.on('datagram', ({ payload }: ReceivedDatagram) => {
    bytes += payload.length;
    if (bytes === 50_000) resolve();
  });
});
const { datagrams } = await a!.sendChunk('ff15:0:0:1::2', new Uint8Array(50_000), { rate: 1e8 });
await all;
await Promise.all([a!.close(), b!.close()]);
console.log(datagrams, 'datagrams');
`;
  writeFileSync(join(home, 'overlay.ts'), overlay);
  writeFileSync(join(home, 'wrong.ts'), test.replace('trunks', 'trunk'));
  const { code, stdout } = await run(
    home,
    join(root, 'node_modules/.bin/tsc'),
    ...['--strict', '--noEmit', '--target', 'es2023', '--module', 'nodenext', '--skipLibCheck', 'false'],
    ...['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node', 'own.test.ts', 'overlay.ts', 'wrong.ts'],
  );
  t.not(code, 0);
  t.match(stdout, /^wrong\.ts\(7,\d+\): .*"trunk".*\n$/, 'the types are right, and find the mistake');

  const loader = import.meta.resolve('tsx');
  const tested = await run(home, process.execPath, '--import', loader, '--test', 'own.test.ts');
  t.equal(tested.code, 0, `${tested.stdout}${tested.stderr}`);
  const sent = await run(home, process.execPath, '--import', loader, 'overlay.ts');
  t.equal(sent.stdout, '36 datagrams\n', sent.stderr);
});
