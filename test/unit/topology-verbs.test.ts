import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import t, { type Test } from 'tap';
import * as plan from '../../lab/cli/plan.ts';
import * as schema from '../../lab/cli/schema.ts';
import * as show from '../../lab/cli/show.ts';
import * as validate from '../../lab/cli/validate.ts';
import { loadTopology } from '../../lab/topology/index.ts';

/** Runs a verb in this process and returns what it wrote to standard output. */
async function castlab(test: Test, ...args: string[]): Promise<string> {
  const program = new Command().exitOverride();
  for (const verb of [validate, plan, schema, show]) verb.register(program);
  const writes = test.capture(process.stdout, 'write', () => true);
  try {
    await program.parseAsync(args, { from: 'user' });
  } finally {
    writes.restore();
  }
  return writes()
    .map(({ args: [text] }) => String(text))
    .join('');
}

const files = t.testdir({
  'good.yaml': 'name: good\nzones: { hub: { hosts: { i1: initiator, t1: target } } }\n',
  'bad.yaml': 'name: bad\nzones: { hub: { hosts: { t1: targte } } }\n',
  'worse.yaml': 'name: bad\nzones: {}\n',
});
const good = `${files}/good.yaml`;

t.test('validate: a line for each sound file, and every problem of every other', async (t) => {
  t.equal(
    await castlab(t, 'validate', good),
    `${good}: valid, 1 zone, 0 routers, 2 hosts, 0 trunks, 0 steps, 0 expectations\n`,
  );
  await t.rejects(castlab(t, 'validate', `${files}/bad.yaml`, good, `${files}/worse.yaml`), {
    name: 'InputError',
    message: [
      `${files}/bad.yaml:2:30: zones.hub.hosts.t1: "targte" is not one of the allowed values (did you mean "target"?)`,
      `${files}/worse.yaml:2:8: a topology needs at least one zone, or a shape`,
    ].join('\n'),
  });
});

t.test('files that cannot be read', async (t) => {
  await t.rejects(castlab(t, 'plan', `${files}/none.yaml`), {
    name: 'InputError',
    message: `${files}/none.yaml: no such file`,
  });
  await t.rejects(castlab(t, 'validate', files), {
    name: 'InputError',
    message: `${files}: is a folder: name a file in it`,
  });
});

t.test('plan: a script, or data', async (t) => {
  t.match(await castlab(t, 'plan', good), /^#!\/bin\/sh\n# Topology good, /);
  t.equal(JSON.parse(await castlab(t, 'plan', '--json', good)).topology.name, 'good');
});

t.test('schema: JSON', async (t) => {
  t.equal(JSON.parse(await castlab(t, 'schema')).type, 'object');
});

t.test('show: a picture to standard output or a file, or the expansion', async (t) => {
  t.match(await castlab(t, 'show', good), '<svg');
  t.equal(await castlab(t, 'show', good, '-o', `${files}/good.svg`), '');
  t.match(readFileSync(`${files}/good.svg`, 'utf8'), '<svg');
  t.equal(loadTopology(await castlab(t, 'show', '--expand', good), good).hosts.length, 2);
  await t.rejects(castlab(t, 'show', good, '-o', `${files}/no/folder.svg`), { name: 'InputError' });
});

t.test('every verb has help with an example', async (t) => {
  for (const verb of ['validate', 'plan', 'schema', 'show']) {
    let help = '';
    const program = new Command().exitOverride().configureOutput({ writeOut: (text) => (help += text) });
    for (const { register } of [validate, plan, schema, show]) register(program);
    const command = program.commands.find((known) => known.name() === verb)!;
    command.exitOverride().configureOutput({ writeOut: (text) => (help += text) });
    await t.rejects(command.parseAsync(['--help'], { from: 'user' }));
    t.match(help, `Example:\n  castlab ${verb}`, verb);
  }
});
