import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { loadTopology } from '../../lab/topology/index.ts';
import { mistakeIn } from '../support/command-line.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const read = (page: string) => readFileSync(join(root, page), 'utf8');

/** The code blocks of a page: language, text. */
const blocks = (page: string) =>
  [...read(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language, text: text! }));

t.test('every command line in the documentation is one that castlab takes', async (t) => {
  let lines = 0;
  for (const page of pages) {
    const typed = blocks(page)
      .filter(({ language }) => language !== 'ts')
      .flatMap(({ text }) => text.split('\n'))
      .flatMap((line) => /^(?:- run: |\$ )?(?:npx )?(castlab .*?)(?: \| .*| &| >\S*.*)?$/.exec(line.trim())?.[1] ?? []);
    for (const line of typed) {
      lines++;
      t.equal(mistakeIn(line), undefined, `${page}: ${line}`);
    }
  }
  t.ok(lines > 25, `${lines} lines`);
});

t.test('every command that is named exists', async (t) => {
  for (const page of pages) {
    for (const [, verb] of read(page).matchAll(/`castlab ([a-z][a-z-]*)/g)) {
      t.not(mistakeIn(`castlab ${verb}`), `error: unknown command '${verb}'`, `${page}: castlab ${verb}`);
    }
  }
});

t.test('every whole topology in the documentation loads', async (t) => {
  let found = 0;
  for (const page of pages) {
    for (const { language, text } of blocks(page)) {
      if (language !== 'yaml' || !/^name: .*\n(?=[\s\S]*^zones:)/m.test(text)) continue;
      found++;
      t.doesNotThrow(() => loadTopology(text, page), page);
    }
  }
  t.ok(found >= 3, `${found} topologies`);
});

t.test('links lead somewhere', async (t) => {
  for (const page of pages) {
    for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      t.ok(existsSync(join(root, dirname(page), target!)), `${page} → ${target}`);
    }
  }
});

t.test('a mistake in a command line is found', async (t) => {
  t.match(mistakeIn('castlab staus ring'), /unknown command 'staus'/);
  t.match(mistakeIn('castlab status'), /missing required argument/);
  t.match(mistakeIn('castlab run a.yaml --sed 1'), /unknown option '--sed'/);
  t.equal(mistakeIn("castlab impair ring 'z1>z2' delay=20ms   # one direction"), undefined);
});
