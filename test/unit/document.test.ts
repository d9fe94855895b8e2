import t from 'tap';
import * as z from 'zod/mini';
import { formatProblem, InputError, nearest, SourceDocument, suggestion } from '../../src/document/index.ts';

const problemsOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n');
    throw error;
  }
  return [];
};

t.test('places: of values, of keys, of parents, in and through aliases', (t) => {
  const document = new SourceDocument('a: &x\n  b: [1, {c: 2}]\nd: *x\nempty:\n', 'f.yaml');
  const place = (path: (string | number)[], onKey = false) => {
    const { line, column } = document.problem(path, '', onKey);
    return `${line}:${column}`;
  };
  t.equal(place([]), '1:1');
  t.equal(place(['a', 'b']), '2:6');
  t.equal(place(['a', 'b'], true), '2:3');
  t.equal(place(['a', 'b', 1, 'c']), '2:14');
  t.equal(place(['a', 'b', 1, 'c'], true), '2:11');
  t.equal(place(['a', 'b', 7, 'x']), '2:6', 'what is missing is where its nearest parent is');
  t.equal(place(['d']), '3:4', 'an alias is where it is used');
  t.equal(place(['d', 'b', 0]), '2:7', 'what is in it is where it was written');
  t.equal(place(['nothing']), '1:1');
  t.equal(document.line(['a', 'b', 1]), 2);
  t.equal(document.line(['d'], true), 3);
  t.strictSame(document.value, { a: { b: [1, { c: 2 }] }, d: { b: [1, { c: 2 }] }, empty: null });
  t.end();
});

t.test('text that is not YAML', (t) => {
  t.strictSame(
    problemsOf(() => new SourceDocument('a: 1\na: 2\n', 'f.yaml')),
    ['f.yaml:2:1: Map keys must be unique'],
  );
  t.match(problemsOf(() => new SourceDocument('a: {\n', 'f.yaml'))[0], /^f\.yaml:2:1: /);
  t.match(problemsOf(() => new SourceDocument('a: *b\n', 'f.yaml'))[0], /^f\.yaml: Unresolved alias/);
  const bomb = `a: &a [x]\n${Array.from({ length: 20 }, (_, i) => `${'bcdefghijklmnopqrstu'[i]}: &${'bcdefghijklmnopqrstu'[i]} [${`*${'abcdefghijklmnopqrstu'[i]}, `.repeat(9)}]\n`).join('')}`;
  t.match(problemsOf(() => new SourceDocument(bomb, 'f.yaml'))[0], /alias/i, 'aliases that explode are refused');
  t.end();
});

t.test('a schema over a document: every misfit, in the order of the text', (t) => {
  const schema = z.strictObject({
    kind: z.enum(['udp', 'tcp']),
    list: z.array(z.union([z.string(), z.strictObject({ name: z.string(), size: z.number() })])),
    map: z.record(z.string().check(z.regex(/^[a-z]+$/, 'letters only')), z.number()),
    either: z.optional(z.union([z.string(), z.number()])),
  });
  const check = (text: string) => problemsOf(() => new SourceDocument(text, 'f.yaml').parse(schema));
  t.strictSame(check('kind: udp\nlist: [a, {name: b, size: 1}]\nmap: {x: 1}\n'), []);
  t.strictSame(check('kind: upd\nlist: [1, {nam: b, size: 1}]\nmap: {X: 1, y: z}\neither: []\n'), [
    'f.yaml:1:7: kind: "upd" is not one of the allowed values (did you mean "udp"?)',
    'f.yaml:2:8: list.0: expected text, not a number; or expected a map, not a number',
    'f.yaml:2:11: list.1.name: is required: text',
    'f.yaml:2:12: unknown field "nam" (did you mean "name"?)',
    'f.yaml:3:7: map.X: letters only',
    'f.yaml:3:16: map.y: expected a number, not text',
    'f.yaml:4:9: either: expected text, not a list; or expected a number, not a list',
  ]);
  t.strictSame(check('[]'), ['f.yaml:1:1: expected a map, not a list']);
  t.end();
});

t.test('words for bounds and forms, with a schema that brings none', (t) => {
  const schema = z.object({
    n: z.number().check(z.minimum(1), z.maximum(9)),
    s: z.string().check(z.minLength(2)),
    l: z.array(z.number()).check(z.maxLength(1)),
    f: z.string().check(z.regex(/^x$/)),
    e: z.enum(['a', 'b']),
    b: z.boolean(),
    i: z.int(),
  });
  t.strictSame(
    problemsOf(() => new SourceDocument('{n: 10,\ns: a,\nl: [1, 2],\nf: y,\ne: 1,\nb: 1,\ni: 1.5}', 'f').parse(schema)),
    [
      'f:1:5: n: must be at most 9',
      'f:2:4: s: must have at least 2 characters',
      'f:3:4: l: must have at most 1 items',
      'f:4:4: f: is not of the form /^x$/',
      'f:5:4: e: expected a or b, not a number',
      'f:6:4: b: expected true or false, not a number',
      'f:7:4: i: expected a whole number, not a number',
    ],
  );
  t.end();
});

t.test('the nearest name', (t) => {
  t.equal(nearest('eats', ['west', 'east', 'hub']), 'east', 'a swap of neighbours is one edit');
  t.equal(nearest('TARGET', ['target']), 'target');
  t.equal(nearest('mars', ['hub', 'east']), undefined);
  t.equal(suggestion('eats', ['east']), ' (did you mean "east"?)');
  t.equal(suggestion('x', ['aaa', 'bbb']), ' (known: aaa, bbb)');
  t.equal(suggestion('x', []), '');
  t.equal(suggestion('zzzz', 'abcdefghij'), ' (known: a, b, c, d, e, f, g, h, …)');
  t.end();
});

t.test('problems print as compilers print them', (t) => {
  t.equal(formatProblem({ message: 'bad', file: 'f', line: 2, column: 3 }), 'f:2:3: bad');
  t.equal(formatProblem({ message: 'bad', file: 'f' }), 'f: bad');
  t.equal(formatProblem({ message: 'bad' }), 'bad');
  t.equal(new InputError('plain').message, 'plain');
  t.end();
});
