/** All of test/unit in one process: most of these files take less time than a process takes to start. */
import { readdirSync } from 'node:fs';

const folder = new URL('unit/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .sort();
for (const file of files) await import(new URL(file, folder).href);
