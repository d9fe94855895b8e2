import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { installCommand, type Need } from '../sandbox/packages.ts';
import { findProgram } from '../sandbox/programs.ts';
import { UnsupportedError } from '../sandbox/unsupported.ts';
import { keep, keptAt } from './cache.ts';
import { cpio, type Entry, FOLDER, PROGRAM } from './cpio.ts';
import { initScript } from './guest.ts';
import { BOOT_MODULES, type Kernel, loadOrder, readCatalogue } from './kernels.ts';

/** What the init script calls, all of this machine, and what brings each. */
const PROGRAMS: Record<string, Need> = {
  sh: 'util-linux', // a machine without a shell has not come this far
  mkdir: 'coreutils',
  mount: 'util-linux',
  switch_root: 'util-linux',
  insmod: 'kmod',
};
// switch_root takes the first four along.
const MOUNT_POINTS = ['dev', 'proc', 'sys', 'run', 'lower', 'scratch', 'new'];
const KIND = 'initramfs';

/**
 * The file system that a guest starts with: this machine's shell, mount and insmod, and the modules that reach its root file system. Made once
 * for each kernel, from a few files of this machine, so that no distribution's own tool is needed and the guest unpacks only some megabytes.
 */
export async function initramfs(kernel: Kernel): Promise<{ file: string; built: boolean }> {
  const modules = loadOrder(BOOT_MODULES, await readCatalogue(kernel.modules))!.map((file) =>
    join(kernel.modules, file),
  );
  const programs = Object.entries(PROGRAMS).map(([name, need]) => {
    const found = findProgram(name);
    if (found === undefined) {
      throw new UnsupportedError(`no VM: the program "${name}" was not found`, installCommand([need]));
    }
    return found;
  });
  const key = `${kernel.version}-${await fingerprint([...programs, ...modules])}`;
  const file = keptAt(KIND, key);
  if (existsSync(file)) return { file, built: false };
  return { file: await keep(KIND, key, cpio(await entries(programs, modules))), built: true };
}

/** Changes with the init script and with the files that go in. */
async function fingerprint(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(initScript);
  for (const file of files) {
    const { size, mtimeMs } = await stat(file);
    hash.update(`\n${file} ${size} ${mtimeMs}`);
  }
  return hash.digest('hex').slice(0, 12);
}

async function entries(programs: readonly string[], modules: readonly string[]): Promise<Entry[]> {
  const libraries = new Set((await Promise.all(programs.map(librariesOf))).flat());
  const files: Entry[] = [{ path: 'init', mode: PROGRAM, data: Buffer.from(initScript) }];
  const add = async (path: string, from: string) => {
    files.push({ path, mode: PROGRAM, data: await readFile(from) });
  };
  for (const program of programs) await add(`bin/${basename(program)}`, program);
  for (const library of libraries) await add(library.slice(1), library);
  // The script loads them in the order of their names.
  for (const [i, module] of modules.entries())
    await add(`modules/${String(i).padStart(2, '0')}-${basename(module)}`, module);
  const folders = new Set(MOUNT_POINTS);
  for (const { path } of files) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  }
  return [...[...folders].sort().map((path) => ({ path, mode: FOLDER })), ...files];
}

/** The libraries that a program loads, and the loader itself, as the dynamic linker finds them. */
async function librariesOf(program: string): Promise<string[]> {
  // A static program has none, which ldd says with exit code 1.
  const { stdout } = await execa('ldd', [program], { reject: false });
  return [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1]!);
}
