/** All of test/unit in one process: most of these files take less time than a process takes to start. */
import { readdirSync } from 'node:fs';
import t from 'tap';

const folder = new URL('unit/', import.meta.url);

// As a test, behind which all others wait: when all that are known have ended while a file is still being loaded, tap takes that for the end.
void t.test('every file is loaded before the first test runs', async (t) => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  for (const file of files.sort()) await import(new URL(file, folder).href);
  t.ok(files.length > 0);
});
