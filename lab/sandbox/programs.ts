import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

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

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
