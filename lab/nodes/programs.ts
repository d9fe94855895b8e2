import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Role } from '../topology/index.ts';

/** Where the bundles are: beside the running castlab bundle, or in dist/ when running from the sources. */
function bundle(name: string): string {
  for (const candidate of [`./${name}.js`, `../${name}.js`, `../../dist/${name}.js`]) {
    const path = fileURLToPath(new URL(candidate, import.meta.url));
    if (existsSync(path)) return path;
  }
  throw new Error(`the program ${name} has not been built: run npm run build`);
}

/** The command line of the program that a role runs; none for a host without a program. */
export function programOf(role: Role, configFile: string): [string, ...string[]] | undefined {
  switch (role) {
    case 'target':
    case 'initiator':
      return [process.execPath, bundle('replicast'), role, '--config', configFile];
    case 'mrouter':
      return [process.execPath, bundle('mrouter'), 'run', '--config', configFile];
    case 'none':
      return undefined;
  }
}
