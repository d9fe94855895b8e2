// The first step of `npm start` and `npm test` on a machine that has nothing but Node.js: fetch the packages, then let
// the zx script do the rest. Only node's own modules may be used here.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`castlab needs Node.js 20.19 or newer; this is ${process.version}`);
  process.exit(2);
}

const writable = (path) => {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const installed = join(root, 'node_modules/.package-lock.json');
const changed = () => statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs;
if (!existsSync(installed) || changed()) {
  const env = { ...process.env };
  // A service account often has no home directory that it may write to, and npm wants one for its cache.
  if (!env.npm_config_cache || !writable(env.npm_config_cache)) {
    if (!writable(homedir())) {
      env.npm_config_cache = join(root, 'node_modules/.npm-cache');
      mkdirSync(env.npm_config_cache, { recursive: true });
    }
  }
  console.error('castlab: installing packages (once)');
  const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}

await import('./setup.mjs');
