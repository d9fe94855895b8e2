/**
 * Writes docs/topology.md, the reference of topology files, from the schema that checks them:
 *   npx tsx scripts/topology-reference.ts
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../lab/topology/index.ts';

/** What is needed of JSON Schema. */
interface Schema {
  description?: string;
  default?: unknown;
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  /** Of a field that may not be there. */
  not?: unknown;
}

/** A field as the reference shows it. */
export interface Field {
  name: string;
  what: string;
  example: string | undefined;
  required: boolean;
  default: unknown;
}

const head = `# Topology files

One YAML file describes a network, what runs in it, what happens, and what must hold. \`castlab validate FILE\` checks it, and every
error has its line and column; \`castlab schema\` prints it as JSON Schema, for editors. This page is made from the same schema
(\`scripts/topology-reference.ts\`).

Times are written with their unit (\`20us\`, \`5ms\`, \`2s\`), rates in bits per second (\`10mbit\`, \`1gbit\`), sizes in bytes (\`1000\`,
\`64KiB\`, \`1MiB\`), shares as percentages (\`0.1%\`). A link is named by its ends, \`east--core\`; one direction of it, \`east>core\`. The link
of a host to its switch is \`t1--east\`.
`;

/** `{ a: 1 }` in place of JSON's `{"a":1}`. */
const written = (value: unknown) =>
  JSON.stringify(value)
    .replaceAll('"', '')
    .replace(/([:,])(?=\S)/g, '$1 ');

/** The example at the end of a description, and the rest of it. */
export function split(description: string): { what: string; example?: string } {
  const at = description.lastIndexOf('Example: ');
  if (at < 0) return { what: description };
  return { what: description.slice(0, at).trim(), example: description.slice(at + 'Example: '.length).trim() };
}

/** The branch of a schema that has fields: of a union, the longer way to write something. */
function withFields(schema: Schema): Schema {
  if (schema.properties) return schema;
  return schema.anyOf?.map(withFields).find(({ properties }) => properties) ?? {};
}

/** The fields of a schema, in the order in which they are declared. */
export function fieldsOf(schema: Schema): Field[] {
  const { properties = {}, required = [] } = withFields(schema);
  const allowed = Object.entries(properties).filter(([, field]) => field.not === undefined);
  return allowed.map(([name, field]) => ({
    name,
    example: undefined,
    ...split(field.description ?? ''),
    required: required.includes(name) && field.default === undefined,
    default: field.default,
  }));
}

const cell = (text: string) => text.replaceAll('|', '\\|');
const simple = (value: unknown) => typeof value !== 'object' || value === null;

function table(fields: readonly Field[]): string {
  const rows = fields.map(({ name, what, example, required, default: by }) => {
    const known = by !== undefined && simple(by) && !/default/.test(what) ? [`Default: \`${written(by)}\`.`] : [];
    const sentence = cell([what.replace(/\.?$/, '.'), ...known, ...(required ? ['Required.'] : [])].join(' '));
    return `| \`${name}\` | ${sentence} | ${example === undefined ? '' : `\`${cell(example)}\``} |`;
  });
  return ['| Field | What | Example |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** A part of the page: its title, what is said before the table, and its fields. */
const section = (title: string, text: string, fields: readonly Field[]) => `## ${title}\n\n${text}\n\n${table(fields)}`;

/** The page. Pure. */
export function topologyReference(): string {
  const file = jsonSchema() as Schema;
  const at = (...path: string[]): Schema =>
    path.reduce<Schema>((schema, step) => {
      if (step === '*') return schema.additionalProperties as Schema;
      if (step === '[]') return schema.items!;
      return withFields(schema).properties![step]!;
    }, file);
  const zone = at('zones', '*');
  const trunk = at('trunks', '[]');
  const edge = at('zones', '*', 'edge');
  const rules = at('trunks', '[]', 'rules', '[]');
  const step = at('scenario', '[]');
  const properties = fieldsOf(trunk).filter(({ name }) => name in withFields(at('defaults', 'trunk')).properties!);
  const own = (schema: Schema) =>
    fieldsOf(schema).filter(({ name }) => !properties.some((known) => known.name === name));

  // The second way to write `expect` is the list, whose entries also have filters.
  const list = at('expect').anyOf!.find(({ items }) => items)!.items!;
  const kinds = fieldsOf(at('expect').anyOf![0]!);
  const expectations = fieldsOf(list).filter(({ name }) => kinds.some((kind) => kind.name === name));
  const filters = fieldsOf(list).filter(({ name }) => !expectations.some((kind) => kind.name === name));
  const steps = fieldsOf(step).filter(({ name }) => !['at', 'after', 'phase'].includes(name));
  const when = fieldsOf(step).filter(({ name }) => ['at', 'after', 'phase'].includes(name));

  /** A step or an expectation: what it is for, one written out, and its fields if it has any. */
  const kind = (field: Field, schema: Schema) => {
    const fields = fieldsOf(schema);
    const more = fields.length > 0 ? `\n${table(fields)}` : '';
    return `### ${field.name}\n\n${field.what}\n\n\`\`\`yaml\n- ${field.name}: ${field.example}\n\`\`\`\n${more}`;
  };
  return [
    head,
    section(
      'The file',
      'A file has a name and either zones, routers and trunks, or a shape that generates them.',
      fieldsOf(file),
    ),
    section('Defaults', 'Under `defaults`.', fieldsOf(at('defaults'))),
    section('Zones', 'Under `zones`, by name.', fieldsOf(zone)),
    section(
      'Hosts',
      'Under `hosts` of a zone, by name: a role alone (`t1: target`), or details.',
      fieldsOf(at('zones', '*', 'hosts', '*')),
    ),
    section(
      'Links',
      'What a link does: in `defaults.edge` and `defaults.trunk`, in `edge` of a zone or host, on a trunk, and in the step `impair`. What stands nearer to the link wins, property by property.',
      properties,
    ),
    section('Edges', 'The link between a host and its switch has also these.', own(edge)),
    section('Trunks', 'A list under `trunks`. Besides the properties of links:', own(trunk)),
    section(
      'Rules',
      'What a link does to chosen frames, where `loss` and the like choose by chance: a list under `rules` of a trunk or of the edge of one host. A link with rules is a wire. Of several rules the first that matches acts.',
      fieldsOf(rules),
    ),
    `### What a rule says of them\n\n${table(fieldsOf(withFields(rules).properties!['delay']!))}`,
    section('Shapes', 'Under `shape`: one of these, in place of zones, routers and trunks.', fieldsOf(at('shape'))),
    ...fieldsOf(at('shape')).map(({ name }) => `### shape: ${name}\n\n${table(fieldsOf(at('shape', name)))}`),
    section('Overlay', 'Under `overlay`.', fieldsOf(at('overlay'))),
    `### overlay: vias\n\n${table(fieldsOf(at('overlay', 'vias', '[]')))}`,
    `### overlay: tunnels\n\n${table(fieldsOf(at('overlay', 'tunnels', '[]')))}`,
    `### overlay: replicast\n\n${table(fieldsOf(at('overlay', 'replicast')))}`,
    section(
      'Scenario',
      'A list of steps under `scenario`. Each is one of the kinds below, and may say when it starts.',
      when,
    ),
    ...steps.map((field) => kind(field, at('scenario', '[]', field.name))),
    section(
      'Expectations',
      'Under `expect`: a map (`{ delivered: all, stored: 3 }`), or a list, whose entries may also be limited. [verdicts.md](verdicts.md) says how each is judged.',
      filters,
    ),
    ...expectations.map((field) => kind(field, withFields(list).properties![field.name]!)),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/topology.md', import.meta.url), topologyReference());
}
