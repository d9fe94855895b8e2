#!/usr/bin/env zx
// Brings a checkout from "packages installed" to "ready to run": Debian packages that a lab needs, and the bundles.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { $, cd, which } from 'zx';
import { build } from './build.mjs';

$.quiet = true;
cd(new URL('..', import.meta.url).pathname);

/** Programs that a lab runs, and the Debian package that brings each. */
const needed = { ip: 'iproute2', tc: 'iproute2', bridge: 'iproute2', unshare: 'util-linux', setpriv: 'util-linux' };

process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const missing = [];
for (const [program, debianPackage] of Object.entries(needed)) {
  if (!(await which(program, { nothrow: true }))) missing.push(debianPackage);
}
if (missing.length > 0) {
  const packages = [...new Set(missing)];
  if (process.getuid() === 0 && existsSync('/usr/bin/apt-get')) {
    console.error(`castlab: installing Debian packages ${packages.join(' ')}`);
    await $`apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends ${packages}`;
  } else {
    console.error(
      `castlab: this machine lacks ${packages.join(' ')}; run: sudo apt-get install -y ${packages.join(' ')}`,
    );
    process.exit(77);
  }
}

await build();
if (process.argv.includes('--tests')) await buildTestRunner();

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
