import { release } from 'node:os';
import packageJson from '../../package.json' with { type: 'json' };

/** What a run depended on: recorded with it, compared when it is replayed. */
export function versions(): Record<string, string> {
  return { castlab: packageJson.version, node: process.version, kernel: release() };
}
