#!/usr/bin/env zx
// Makes a bare Debian machine one that runs castlab: packages, Node.js, the checkout built, `castlab` on the PATH. Run as root;
// a second run finds everything done. What the Vagrantfile calls, with the checkout in /castlab:
//   node_modules/.bin/zx scripts/provision.mjs
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { symlink, unlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { $, cd } from 'zx';

$.quiet = true;
const root = fileURLToPath(new URL('..', import.meta.url));
const command = '/usr/local/bin/castlab';

/** What `castlab run`, `castlab vm` and reading captures need. */
const packages = [...['iproute2', 'util-linux', 'kmod', 'tcpdump'], ...['qemu-system-x86', 'linux-image-cloud-amd64']];
/** Since Debian 13 a package of its own; before, a part of QEMU. */
const virtiofsd = 'virtiofsd';

if (process.getuid() !== 0) {
  console.error('provision: run it as root (sudo)');
  process.exit(2);
}
if (!existsSync('/usr/bin/apt-get')) {
  console.error('provision: this is for Debian and its relatives (apt-get)');
  process.exit(77);
}

const installed = async (name) =>
  /^Status: \S+ ok installed$/m.test((await $({ nothrow: true })`dpkg-query --status ${name}`).stdout);
const offered = async (name) => (await $`apt-cache search --names-only ${`^${name}$`}`).stdout !== '';

await $`apt-get update -qq`;
const wanted = (await offered(virtiofsd)) ? [...packages, virtiofsd] : packages;
const missing = [];
for (const name of wanted) if (!(await installed(name))) missing.push(name);
if (missing.length > 0) {
  console.log(`provision: installing ${missing.join(' ')}`);
  await $({
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })`apt-get install -qq -y --no-install-recommends ${missing}`;
}

cd(root);
console.log('provision: npm packages and bundles');
await $`npm run --silent setup`;

const program = `${root}bin/castlab`;
const present = lstatSync(command, { throwIfNoEntry: false });
if (present === undefined || !present.isSymbolicLink() || readlinkSync(command) !== program) {
  if (present !== undefined) await unlink(command);
  await symlink(program, command);
}
console.log((await $`${command} doctor`).stdout);
