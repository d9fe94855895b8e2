import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { expectationKinds } from '../../lab/topology/expectations/index.ts';
import { jsonSchema } from '../../lab/topology/index.ts';
import { stepKinds } from '../../lab/topology/steps/index.ts';
import { fieldsOf, split, topologyReference } from '../../scripts/topology-reference.ts';

type Schema = Parameters<typeof fieldsOf>[0];

/** Every schema in a schema, with the way to it. */
function* all(schema: Schema, path = ''): Generator<[string, Schema]> {
  yield [path, schema];
  for (const [name, field] of Object.entries(schema.properties ?? {})) yield* all(field, `${path}.${name}`);
  if (typeof schema.additionalProperties === 'object') yield* all(schema.additionalProperties, `${path}.*`);
  if (schema.items) yield* all(schema.items, `${path}[]`);
  for (const branch of schema.anyOf ?? []) yield* all(branch, path);
}

const page = readFileSync(new URL('../../docs/topology.md', import.meta.url), 'utf8');

t.test('docs/topology.md is what scripts/topology-reference.ts makes of the schema', async (t) => {
  t.equal(page, topologyReference(), 'npx tsx scripts/topology-reference.ts');
});

t.test('every field is there, with an example', async (t) => {
  const text = page.replaceAll('\\|', '|');
  let fields = 0;
  for (const [path, schema] of all(jsonSchema() as Schema)) {
    for (const { name, what, example } of fieldsOf(schema)) {
      fields++;
      t.ok(example, `${path}.${name} has an example`);
      t.ok(text.includes(what.replace(/\.$/, '')), `${path}.${name} is in the page`);
    }
  }
  t.ok(fields > 200, `${fields} fields`);
});

t.test('the example of every kind of step and expectation is one', async (t) => {
  for (const [name, { schema }] of Object.entries({ ...stepKinds, ...expectationKinds })) {
    const { example = '' } = split(schema.description ?? '');
    t.doesNotThrow(() => schema.parse(parse(example)), `${name}: ${example}`);
    t.ok(page.includes(`- ${name}: ${example}\n`), name);
  }
});
