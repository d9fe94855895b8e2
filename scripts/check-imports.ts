/**
 * Holds the house in order: src never imports lab, imports only go down the list of layers, and pure code never imports
 * what touches the outside. Prints each break as file:line and exits with 1.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** Low to high. A folder may import from itself, from folders on a lower line, and from nothing on its own line. */
const layers: string[][] = [
  ['src/document'],
  ['src/overlay'],
  ['src/bier'],
  ['src/mrouter', 'src/replicast'],
  ['src/pmu', 'src/store', 'src/kernel'],
  ['src/tunnel'],
  ['src/daemon'],
  ['lab/topology'],
  ['lab/plan'],
  ['lab/sandbox'],
  ['lab/observe'],
  ['lab/links', 'lab/vm'],
  ['lab/doctor'],
  ['lab/nodes'],
  ['lab/scenario'],
  ['lab/verdict'],
  ['lab/report'],
  ['lab/run'],
  ['lab/live'],
  ['lab/library'],
  ['lab/cli'],
  ['lab/index.ts'],
];

/** Folders without I/O: they may import these of node's modules and nothing else of the outside. */
const pure = new Set([
  'src/overlay',
  'src/bier',
  'src/mrouter',
  'src/replicast',
  'lab/topology',
  'lab/plan',
  'lab/verdict',
]);
const pureBuiltins = new Set(['node:crypto', 'node:buffer', 'node:util']);
/** Files in pure folders that read the file a user named; everything else there stays pure. */
const loaders = new Set(['lab/topology/load.ts']);

const rank = new Map(layers.flatMap((folders, index) => folders.map((folder) => [folder, index] as const)));
const folderOf = (file: string) => file.split('/').slice(0, 2).join('/');

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

const breaks: string[] = [];
for (const file of [...sources('src'), ...sources('lab')]) {
  const here = folderOf(file);
  const ownRank = rank.get(here);
  if (ownRank === undefined) {
    breaks.push(`${file}:1: folder ${here} is not in the list of layers (scripts/check-imports.ts)`);
    continue;
  }
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const wanted = /^(?:import|export)\b.*?from\s+'([^']+)'|^\}\s+from\s+'([^']+)'|\bimport\('([^']+)'\)/.exec(line);
    const specifier = wanted?.[1] ?? wanted?.[2] ?? wanted?.[3];
    if (specifier === undefined) continue;
    const place = `${file}:${index + 1}`;
    if (specifier.startsWith('.')) {
      const there = folderOf(relative('.', normalize(join(dirname(file), specifier))));
      if (there === here || there === 'package.json') continue;
      const otherRank = rank.get(there);
      if (otherRank === undefined || otherRank >= ownRank) breaks.push(`${place}: ${here} may not import ${there}`);
    } else if (specifier.startsWith('node:') && pure.has(here) && !pureBuiltins.has(specifier) && !loaders.has(file)) {
      breaks.push(`${place}: ${here} is pure and may not import ${specifier}`);
    }
  }
}
if (breaks.length > 0) {
  console.error(breaks.join('\n'));
  process.exit(1);
}
