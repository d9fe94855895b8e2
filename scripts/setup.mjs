#!/usr/bin/env zx
// Brings a checkout from "packages installed" to "ready to run": Debian packages that a lab needs, and the bundles.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { $, cd, which } from 'zx';
import { build } from './build.mjs';

$.quiet = true;
cd(new URL('..', import.meta.url).pathname);

/** Programs that a lab runs, and the Debian package that brings each. */
const needed = { ip: 'iproute2', tc: 'iproute2', bridge: 'iproute2', unshare: 'util-linux', setpriv: 'util-linux' };
/** Programs nobody here wrote that the tests use as peers. */
const neededByTests = {
  chromium: 'chromium',
  openssl: 'openssl',
  python3: 'python3',
  socat: 'socat',
  tshark: 'tshark',
  uftp: 'uftp',
};

/** `--unit-tests`: for tests without privileges and peers; `--tests`: for all of them. */
const forTests = process.argv.includes('--tests');
const forUnitTests = process.argv.includes('--unit-tests');
const asRoot = process.getuid() === 0;
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** The Debian packages of those programs that are not there. */
async function missingPackages(programs) {
  const packages = new Set();
  for (const [program, debianPackage] of Object.entries(programs)) {
    if (!(await which(program, { nothrow: true }))) packages.add(debianPackage);
  }
  return [...packages];
}

const missing = await missingPackages(forTests ? { ...needed, ...neededByTests } : needed);
if (missing.length > 0) {
  if (asRoot && existsSync('/usr/bin/apt-get')) {
    console.error(`castlab: installing Debian packages ${missing.join(' ')}`);
    await $`apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends ${missing}`;
  } else {
    console.error(
      `castlab: this machine lacks ${missing.join(', ')}; run: sudo apt-get install -y ${missing.join(' ')}`,
    );
    process.exit(77);
  }
}

await build({ types: forTests || forUnitTests });
if (forTests || forUnitTests) await buildTestRunner();

/** tap compiles itself for the plugins that .taprc names: once an installation, and again when .taprc changes. */
async function buildTestRunner() {
  const mark = 'node_modules/.castlab-tap';
  const built = statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['.taprc', 'node_modules/.package-lock.json'].map((file) => statSync(file).mtimeMs);
  if (built > Math.max(...sources)) return;
  console.error('castlab: preparing the test runner (once)');
  await $`npx tap build`;
  writeFileSync(mark, '');
}
