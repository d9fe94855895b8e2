import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { installCommand } from './packages.ts';
import { UnsupportedError } from './unsupported.ts';

/** The programs that a lab runs, by the package that brings them. */
export const PROGRAMS = {
  iproute2: ['ip', 'tc', 'bridge'],
  'util-linux': ['unshare', 'setpriv', 'nsenter'],
  tcpdump: ['tcpdump'],
} as const;

/** Where administrators' programs are; not in the PATH of ordinary users of Debian. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The folders of PATH, then those of the system's programs. */
export function searchPath(path = process.env['PATH'] ?? ''): string[] {
  return [...new Set([...path.split(delimiter).filter(isAbsolute), ...SYSTEM_FOLDERS])];
}

/** Where a program is: the first of the folders that has it; `undefined` when none has. */
export function findProgram(name: string, folders: readonly string[] = searchPath()): string | undefined {
  return folders.map((folder) => join(folder, name)).find(executable);
}

/**
 * Checks that the programs of a package are there.
 * @throws UnsupportedError (exit code 77) that names those that are not, and the command that installs them
 */
export function assertPrograms(of: keyof typeof PROGRAMS): void {
  const missing = PROGRAMS[of].filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) throw new UnsupportedError(notFound(missing), installCommand([of]));
}

/** The words for programs that are missing. Pure. */
export function notFound(programs: readonly string[]): string {
  const quoted = programs.map((program) => `"${program}"`).join(', ');
  return programs.length === 1 ? `the program ${quoted} was not found` : `the programs ${quoted} were not found`;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
