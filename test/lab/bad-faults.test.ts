/** Links and faults that cannot be are bad input: `castlab run` says where, and starts nothing. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { castlab, temporaryFolder } from './castlab.ts';

/** Line 6 is the trunk, line 8 the first step. */
const topology = (trunk: string, steps: string) => `name: bad
zones:
  east: { hosts: { i1: initiator, t1: target } }
  west: { hosts: { t2: target } }
trunks:
  - { between: [east, west]${trunk} }
scenario:
${steps}
expect: { delivered: all }
`;
const send = '  - send: { from: i1, to: [t1], count: 1 }';

const cases: Record<string, [trunk: string, steps: string, message: RegExp]> = {
  'a fault on an unknown link': [
    '',
    '  - down: east--wst',
    /:8:11: unknown link "east--wst" \(did you mean "east--west"\?\)/,
  ],
  'an impairment of an unknown link': [
    '',
    '  - impair: { link: wst>east, loss: 1% }',
    /:8:21: unknown link "wst>east"/,
  ],
  'a negative delay': [', delay: -5ms', send, /:6:37: .*"-5ms" is negative/],
  'a jitter larger than its delay': [', delay: 1ms, jitter: 2ms', send, /:6:50: jitter is larger than the delay/],
  'the same by an impairment': [
    '',
    '  - impair: { link: east--west, delay: 1ms, jitter: 2ms }',
    /:8:53: .*jitter is larger than the delay/,
  ],
  'a rate of 0': [', rate: 0mbit', send, /:6:36: .*0bit is less than 1kbit/],
  'an `at:` out of order': [
    '',
    '  - { at: 2s, down: east--west }\n  - { at: 1s, up: east--west }',
    /:9:11: out of order: an earlier step is at 2s/,
  ],
  'a probability of more than 1': [', loss: 101%', send, /:6:36: .*"101%" is more than 100%/],
  'a rule toward nowhere': [', rules: [{ drop: { toward: north } }]', send, /:6:56: "north" is no end of this link/],
};

t.test('each with its place', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'topology.yaml');
  for (const [what, [trunk, steps, message]] of Object.entries(cases)) {
    writeFileSync(file, topology(trunk, steps));
    const { code, stdout, stderr } = await castlab('run', file, '--out', join(folder, 'runs'));
    t.equal(code, 2, what);
    t.match(stderr, message, what);
    t.ok(stderr.startsWith(file), 'the file comes first');
    t.equal(stdout, '');
  }
  t.notOk(existsSync(join(folder, 'runs')), 'nothing was started');
});

t.test('jitter larger than the delay is no mistake when frames may overtake each other', async (t) => {
  const file = join(temporaryFolder(t), 'topology.yaml');
  writeFileSync(file, topology(', delay: 1ms, jitter: 2ms, jitter-reorder: true', send));
  t.equal((await castlab('validate', file)).code, 0);
});
