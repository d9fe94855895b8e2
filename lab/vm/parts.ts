import { execa } from 'execa';
import { installCommand } from '../sandbox/packages.ts';
import { findProgram, searchPath } from '../sandbox/programs.ts';
import { UnsupportedError } from '../sandbox/unsupported.ts';
import { findKernel, type Kernel } from './kernels.ts';

/** What a VM is made of. */
export interface Parts {
  qemu: string;
  virtiofsd: Virtiofsd;
  kernel: Kernel;
}

export interface Virtiofsd {
  program: string;
  /** The one that came with QEMU until version 7, and the one in Rust that followed it, take different options. */
  flavour: 'c' | 'rust';
  /** Whether it can refuse all writes by itself. */
  canBeReadOnly: boolean;
}

/** virtiofsd is no program for users, and so not in PATH. */
const DAEMON_FOLDERS = ['/usr/libexec', '/usr/lib/qemu', '/usr/lib', '/usr/libexec/qemu', '/usr/lib64'];

/** QEMU's name for each of Node's names of processors that the VM is made for. */
const SYSTEMS: Partial<Record<NodeJS.Architecture, string>> = { x64: 'x86_64' };

/** Finds everything. @throws UnsupportedError (exit code 77) for the first part that is missing. */
export async function findParts(): Promise<Parts> {
  return { qemu: findQemu(), virtiofsd: await findVirtiofsd(), kernel: await findKernel() };
}

/** @throws UnsupportedError when there is none. */
export function findQemu(folders = searchPath(), architecture: NodeJS.Architecture = process.arch): string {
  const system = SYSTEMS[architecture];
  if (system === undefined) {
    throw new UnsupportedError(`no VM: it is made for x86-64 processors, and this one is ${architecture}`);
  }
  const name = `qemu-system-${system}`;
  const found = findProgram(name, folders);
  if (found === undefined) {
    throw new UnsupportedError(`no VM: the program "${name}" was not found`, installCommand(['qemu']));
  }
  return found;
}

/** @throws UnsupportedError when there is none. */
export async function findVirtiofsd(folders = [...DAEMON_FOLDERS, ...searchPath()]): Promise<Virtiofsd> {
  const program = findProgram('virtiofsd', folders);
  if (program === undefined) {
    throw new UnsupportedError('no VM: the program "virtiofsd" was not found', installCommand(['virtiofsd']));
  }
  // For some users one of them fails even to explain itself; why, the start will tell.
  const { all: help } = await execa(program, ['--help'], { reject: false, all: true });
  return {
    program,
    flavour: help.includes('--shared-dir') ? 'rust' : 'c',
    canBeReadOnly: help.includes('--readonly'),
  };
}
