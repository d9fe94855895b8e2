import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installCommand } from '../sandbox/packages.ts';
import { UnsupportedError } from '../sandbox/unsupported.ts';

/** A kernel that this machine has installed, with its modules; not necessarily the one that runs. */
export interface Kernel {
  version: string;
  /** The file that boots. */
  image: string;
  /** The folder of its modules. */
  modules: string;
}

/** What a guest loads before it has a root file system. */
export const BOOT_MODULES = ['virtio_pci', 'virtiofs', 'overlay'] as const;
/** What a guest needs beyond that; it loads these from its root file system. */
const LAB_MODULES = ['virtio_console', 'veth', 'bridge', 'sch_tbf', 'sch_netem', 'tun'] as const;

/**
 * The newest installed kernel that a guest can boot and a lab can run on.
 * @throws UnsupportedError with what is wrong with the newest one, when there is none.
 */
export async function findKernel(root = '/'): Promise<Kernel> {
  const versions = (await list(join(root, 'lib/modules'))).sort(compareVersions).reverse();
  let refusal: UnsupportedError | undefined;
  for (const version of versions) {
    const modules = join(root, 'lib/modules', version);
    const images = [join(root, 'boot', `vmlinuz-${version}`), join(modules, 'vmlinuz')];
    const image = await firstThat(images, constants.F_OK);
    if (image === undefined) continue;
    const fault = await faultOf({ version, image, modules });
    if (fault === undefined) return { version, image, modules };
    refusal ??= fault;
  }
  throw (
    refusal ??
    new UnsupportedError(
      'no VM: no kernel is installed (/boot/vmlinuz-VERSION and /lib/modules/VERSION)',
      installCommand(['kernel']),
    )
  );
}

async function faultOf({ version, image, modules }: Kernel): Promise<UnsupportedError | undefined> {
  if ((await firstThat([image], constants.R_OK)) === undefined) {
    return new UnsupportedError(`no VM: ${image} may not be read by this user`, `sudo chmod 644 ${image}`);
  }
  const catalogue = await readCatalogue(modules);
  const missing = [...BOOT_MODULES, ...LAB_MODULES].filter((name) => loadOrder([name], catalogue) === undefined);
  if (missing.length === 0) return undefined;
  return new UnsupportedError(
    `no VM: the kernel ${version} has no ${missing.join(', ')}`,
    installCommand(['kernel', 'modules']),
  );
}

/** What depmod(8) wrote about the modules of a kernel. */
export interface Catalogue {
  /** `file: the files it needs`, one module a line, files relative to the folder of the modules. */
  dependencies: string;
  /** Modules that are part of the kernel image, one file a line. */
  builtin: string;
}

export async function readCatalogue(modules: string): Promise<Catalogue> {
  const read = (name: string) => readFile(join(modules, name), 'utf8').catch(() => '');
  return { dependencies: await read('modules.dep'), builtin: await read('modules.builtin') };
}

/**
 * The files to load for some modules, each after those it needs; modules inside the kernel image need none. Pure.
 * @returns `undefined` when the kernel lacks one of them.
 */
export function loadOrder(names: readonly string[], catalogue: Catalogue): string[] | undefined {
  const builtin = new Set(catalogue.builtin.split('\n').map(moduleName));
  const loadable = new Map<string, string[]>();
  for (const line of catalogue.dependencies.split('\n')) {
    const [file, needed] = line.split(':');
    // The file that has to come first stands last.
    if (needed !== undefined) {
      loadable.set(moduleName(file!), [...needed.split(' ').filter(Boolean).reverse(), file!]);
    }
  }
  const files = new Set<string>();
  for (const name of names) {
    if (builtin.has(name)) continue;
    const chain = loadable.get(name);
    if (chain === undefined) return undefined;
    for (const file of chain) files.add(file);
  }
  return [...files];
}

/** `kernel/drivers/virtio/virtio-ring.ko.xz` → `virtio_ring`: the kernel takes both dashes for the same. */
const moduleName = (file: string) =>
  file
    .replace(/^.*\//, '')
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');

/** Orders versions by the numbers in them: 6.1.0-9 before 6.1.0-10. Pure. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function firstThat(files: readonly string[], mode: number): Promise<string | undefined> {
  for (const file of files) {
    try {
      await access(file, mode);
      return file;
    } catch {
      // The next one.
    }
  }
  return undefined;
}
