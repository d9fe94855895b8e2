import { readFile } from 'node:fs/promises';
import { InputError } from '../../src/document/index.ts';
import { loadTopology, type Topology } from '../topology/index.ts';

/** What people can do about the usual reasons for which a file cannot be read. */
const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'is a folder: name a file in it',
};

/** Reads a topology file. @throws InputError when it cannot be read, or with everything that is wrong in it. */
export async function readTopology(file: string): Promise<Topology> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new InputError([{ file, message: REASONS[code] ?? message }]);
  }
  return loadTopology(text, file);
}
