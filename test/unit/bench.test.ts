import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { fill } from '../bench/markdown.ts';
import { type Measured, measure } from '../bench/measure.ts';
import { plot } from '../bench/plot.ts';
import { cellsOf, format, profileTable, summarise, table } from '../bench/report.ts';
import { fileName, merge, type ProfileResult, type Results } from '../bench/result.ts';
import type { Row } from '../bench/row.ts';
import { PAGE, pageOf, RESULTS } from '../bench/saved.ts';

const DAY = '2026-01-31T12:00:00.000Z';
const row: Row = {
  name: 'race',
  work: 'to the <end> & back',
  rounds: 3,
  contenders: [
    { name: 'ours', run: async () => ({}) },
    { name: 'theirs', peer: true, run: async () => ({}) },
    { name: 'absent', peer: true, needs: { program: 'no-such-program', package: 'none' }, run: async () => ({}) },
  ],
  figures: { time: 'ms', size: 'bytes' },
  goals: [
    {
      text: 'twice as fast',
      judge: (median) => {
        const ratio = median('theirs', 'time')! / median('ours', 'time')!;
        return { value: `${ratio.toFixed(1)} ×`, reached: ratio >= 2 };
      },
    },
    { text: 'small', judge: () => ({ value: 'large', reached: false }) },
    { text: 'better than who is not there', judge: () => undefined },
  ],
};
const measured: Measured = {
  row,
  runs: new Map([
    [
      'ours',
      [
        { time: 3, size: 5e6 },
        { time: 1, size: 5e6 },
        { time: 2, size: 5e6 },
      ],
    ],
    ['theirs', [{ time: 10 }, { time: 6 }, { time: 8 }]],
  ]),
  missing: [{ contender: 'absent', package: 'none' }],
};
const machine = {
  ...{ cpu: 'AMD EPYC', cores: 2, memory: 2 ** 33, kernel: '6.1', system: 'Debian', node: 'v20', load: 0 },
};
const profile: ProfileResult = {
  name: 'hot',
  work: 'what is done',
  measuredAt: DAY,
  unit: 'share',
  columns: ['a', 'b'],
  lines: [{ part: 'send', values: [0.25, null] }],
  notes: ['a: send 25.0%'],
};
const result = summarise(measured, DAY);
const results: Results = { machine, rows: [result], profiles: [profile] };

t.test('a row comes down to medians, judged', async (t) => {
  t.same(
    result.contenders.map(({ name, peer }) => [name, peer]),
    [
      ['ours', false],
      ['theirs', true],
    ],
  );
  t.same(result.contenders[0]!.figures['time'], { median: 2, min: 1, max: 3 });
  t.same(Object.keys(result.contenders[1]!.figures), ['time'], 'no figure that was not measured');
  t.same(result.goals, [
    { text: 'twice as fast', value: '4.0 ×', reached: true },
    { text: 'small', value: 'large', reached: false },
  ]);
});

t.test('its table has medians, ratios to the first, and what is missed and left out', async (t) => {
  const lines = table(result).join('\n');
  t.match(lines, /ours +2\.000 ms +1\.000 ms +3\.000 ms +1\.00 × +5\.0 MB/);
  t.match(lines, /theirs +8\.000 ms +6\.000 ms +10\.0 ms +4\.00 ×/);
  t.match(lines, /reached {2}twice as fast: 4\.0 ×\n {2}MISSED {3}small: large/);
  t.match(lines, /left out: absent, which Debian's package none brings/);
});

t.test('values are written as people read them', async (t) => {
  t.same(
    [
      format(4_251e6, 'bit/s'),
      format(555.4e6, 'bit/s'),
      format(0.0123, 'ms'),
      format(99, 'ms'),
      format(12_345, 'ms'),
      format(900, 'bytes'),
      format(0.5, 'ratio'),
    ],
    ['4.25 Gbit/s', '555 Mbit/s', '0.012 ms', '99.0 ms', '12.35 s', '0.9 kB', '0.500'],
  );
  t.same(cellsOf({ unit: 'share' }, [0.123, null]), ['12.3%', '']);
  t.same(cellsOf({ unit: 'bytes' }, [1.26, 123.6]), ['1.3', '124']);
  t.match(profileTable(profile).join('\n'), /hot: what is done\n +a +b\n +send +25\.0% +\n {2}a: send 25\.0%/);
});

t.test('contenders take turns, who is not installed is left out, and what is asked for reaches them', async (t) => {
  const order: string[] = [];
  const note = (name: string) => async (asked: object) => {
    order.push(`${name} ${JSON.stringify(asked)}`);
    return { time: 1 };
  };
  const turns: Row = { ...row, contenders: row.contenders.map((one) => ({ ...one, run: note(one.name) })) };
  const { missing, runs } = await measure(turns, 2, { seconds: 5 }, () => {}, t.fail);
  t.same(
    order,
    ['ours', 'theirs', 'theirs', 'ours'].map((name) => `${name} {"seconds":5}`),
  );
  t.same(missing, [{ contender: 'absent', package: 'none' }]);
  t.equal(runs.get('ours')!.length, 2);
});

t.test('a run of somebody else that fails does not count, one of ours ends it all', async (t) => {
  let runs = 0;
  const flaky = async () => {
    if (runs++ === 0) throw new Error('not what was sent');
    return { time: 1 };
  };
  const [ours, theirs] = row.contenders as [Row['contenders'][0], Row['contenders'][0]];
  const failed: string[] = [];
  const measureWith = (contenders: Row['contenders']) =>
    measure(
      { ...row, contenders },
      2,
      {},
      () => {},
      (what, { message }) => failed.push(`${what}: ${message}`),
    );
  const found = await measureWith([ours, { ...theirs, run: flaky }]);
  t.equal(found.runs.get('theirs')!.length, 1);
  t.same(failed, ['race: theirs, 1 of 2: not what was sent']);
  runs = 0;
  await t.rejects(measureWith([{ ...ours, run: flaky }, theirs]), { message: 'not what was sent' });
});

t.test('newer results replace older ones of the same name, in the order of rows', async (t) => {
  const older = {
    ...results,
    rows: [
      { ...result, work: 'old' },
      { ...result, name: 'walk' },
    ],
  };
  const merged = merge(older, { ...results, machine: { ...machine, load: 3 } }, ['walk', 'race', 'hot']);
  t.same(
    merged.rows.map(({ name, work }) => [name, work]),
    [
      ['walk', row.work],
      ['race', row.work],
    ],
  );
  t.equal(merged.machine.load, 3);
  t.equal(merged.profiles.length, 1);
  t.same(merge(undefined, results, ['race']).rows, results.rows);
});

t.test('files are named after day and machine', async (t) => {
  t.equal(fileName({ cpu: 'Intel(R) Xeon(R) @ 2.00GHz', cores: 4 }, DAY), '2026-01-31-intel-r-xeon-r-2-00ghz-4-cores');
});

t.test('the plot has a bar for each contender, peers in another colour, and is well-formed', async (t) => {
  const odd = { ...result, contenders: result.contenders.map((one) => ({ ...one, name: `<${one.name}> & co` })) };
  const svg = plot({ ...results, rows: [odd, { ...result, contenders: [] }] });
  t.equal(svg.match(/<rect class="(ours|peer)"/g)!.length, 2);
  t.match(svg, /class="peer" x="190" y="\d+" width="352"/, 'as long as it took longer, of the longest run');
  t.match(svg, 'race: time<tspan class="note" font-weight="normal">, less is better');
  t.match(svg, '&lt;ours&gt; &amp; co');
  const open: string[] = [];
  for (const [, end, name, alone] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (end) t.equal(open.pop(), name);
    else if (!alone) open.push(name!);
  }
  t.same(open, []);
});

const PAGE_TEXT = ['machine', 'goals', 'picture', 'contenders', 'hot']
  .map((name) => `<!-- ${name} -->\nold\n<!-- /${name} -->\n`)
  .join('kept\n');

t.test('a page is filled from results, and again', async (t) => {
  const page = fill(PAGE_TEXT, results, 'plot.svg');
  t.match(
    page,
    '2 × AMD EPYC, 8.0 GiB of memory, Debian, Linux 6.1, Node.js v20; 2026-01-31, load 0 when the last of it began.',
  );
  t.match(page, '| [race](#race): to the <end> & back | twice as fast | 4.0 × | theirs: 8.000 ms | 4.00 × as fast |');
  t.match(page, '|  | small | **missed:** large |  |  |');
  t.match(page, '| ours | 2.000 ms (1.000 ms … 3.000 ms) | 5.0 MB (5.0 MB … 5.0 MB) |');
  t.match(page, 'Left out: absent (Debian package none).');
  t.match(page, '| send | 25.0% |  |');
  t.match(page, '](plot.svg)');
  t.notMatch(page, 'old');
  t.equal(page.match(/^kept$/gm)!.length, 4);
  t.equal(fill(page, results, 'plot.svg'), page);
});

t.test('a page without room for something is refused', async (t) => {
  t.throws(() => fill(PAGE_TEXT.replace('<!-- hot -->', ''), results, ''), /no section "hot"/);
});

t.test('docs/performance.md tells what the newest results say, which are kept with a plot', async (t) => {
  t.equal(readFileSync(PAGE, 'utf8'), pageOf(RESULTS), 'npm run bench -- --markdown writes it');
  const files = readdirSync(RESULTS).filter((name) => name.endsWith('.json'));
  for (const name of files) {
    const saved = JSON.parse(readFileSync(join(RESULTS, name), 'utf8')) as Results;
    t.equal(readFileSync(join(RESULTS, name.replace(/json$/, 'svg')), 'utf8'), plot(saved), name);
  }
});
