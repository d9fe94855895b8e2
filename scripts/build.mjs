// Bundles the programs: a node of a lab starts four times faster from one file than from a tree of TypeScript.
import { chmod } from 'node:fs/promises';
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

/** What runs in the browser that shows a report: one script and one style sheet, which the report takes in. */
const page = { 'report-page': 'lab/report/page/main.ts' };

/** Writes dist/*.js. Packages with native code or wasm stay outside the bundles. */
export async function build() {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { ...programs, ...workers },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    legalComments: 'none',
    external: ['koffi', 'lmdb', '@hpcc-js/wasm-graphviz', 'cbor-extract'],
    // Some dependencies are CommonJS and expect `require` to exist.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
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
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
