// Bundles the programs: a node of a lab starts four times faster from one file than from a tree of TypeScript.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a user starts, and what those programs start as worker threads. */
const programs = {
  castlab: 'lab/cli/main.ts',
  mrouter: 'src/daemon/mrouter.ts',
  replicast: 'src/daemon/replicast.ts',
};
const workers = {
  'capture-worker': 'lab/observe/capture-worker.ts',
  'noise-worker': 'lab/observe/noise-worker.ts',
  'wire-worker': 'lab/links/wire-worker.ts',
};

/** What programs import: `castlab`, for tests, and `castlab/mrouter`. */
const library = { index: 'lab/index.ts', 'mrouter-library': 'src/daemon/library.ts' };

/** What runs in the browser that shows a report: one script and one style sheet, which the report takes in. */
const page = { 'report-page': 'lab/report/page/main.ts' };

/**
 * Writes dist/*.js, and removes what earlier builds left there. Packages with native code or wasm stay outside the bundles.
 * @param types whether the library's types are written, too: it takes seconds, and only who compiles against them needs them.
 */
export async function build({ types }) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { ...programs, ...workers, ...library },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    legalComments: 'none',
    external: ['koffi', 'lmdb', '@hpcc-js/wasm-graphviz'],
    // Some dependencies are CommonJS and expect `require` to exist.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
    metafile: true,
  });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: page,
    outdir: 'dist',
    bundle: true,
    minify: true,
    platform: 'browser',
    target: ['chrome110', 'firefox115', 'safari16'],
    format: 'iife',
    legalComments: 'none',
    logLevel: 'warning',
  });
  for (const name of Object.keys(programs)) await chmod(`${root}/dist/${name}.js`, 0o755);
  removeOldChunks(metafile.outputs);
  if (types) writeTypes();
}

/** Removes the chunks of earlier builds: their names are of what was in them. */
function removeOldChunks(outputs) {
  for (const name of readdirSync(join(root, 'dist/chunks'))) {
    if (outputs[`dist/chunks/${name}`] === undefined) rmSync(join(root, 'dist/chunks', name));
  }
}

/** Writes dist/types: the declarations that those of the library lead to. */
function writeTypes() {
  const folder = join(root, 'dist/types');
  rmSync(folder, { recursive: true, force: true });
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' });
  const wanted = new Set();
  const follow = (file) => {
    if (wanted.has(file)) return;
    wanted.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, path] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g)) {
      follow(resolve(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')));
    }
  };
  for (const entry of Object.values(library)) follow(join(folder, entry.replace(/\.ts$/, '.d.ts')));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(file)) rmSync(file);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build({ types: true });
