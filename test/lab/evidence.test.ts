/** What a run leaves: read by tshark, by a browser, by the verbs, and enough to run it again from another place. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { type RunResult, runResult } from '../../lab/report/index.ts';
import { castlab, readLedger, root, smallTopology, start, temporaryFolder } from './castlab.ts';
import { browser } from './fixtures/browser.ts';
import { hasPrograms } from './fixtures/needed.ts';
import { tshark } from './fixtures/tshark.ts';

const run = promisify(execFile);

/** A trunk that loses one datagram of data on purpose, and carries another twice: two verdicts fail, each by one datagram. */
const broken = `${smallTopology
  .replace('name: small', 'name: broken')
  .replace(
    'trunks: [{ between: [west, east] }]',
    'trunks:\n  - between: [west, east]\n    rules: [{ drop: { toward: east, kind: Data, index: 7, nth: 1 } }, { duplicate: { toward: east, kind: Data, index: 9, nth: 1 } }]',
  )
  .replace('- put: { from: i1, size: 64KiB, count: 2 }', '- put: { from: i1, file: object.bin, replicas: 3 }')}`;

const folder = temporaryFolder(t);
const out = join(folder, 'runs');
let passing: RunResult;
let failing: RunResult;
let summary: string;

t.before(async () => {
  writeFileSync(join(folder, 'object.bin'), Buffer.alloc(40_000, 'castlab'));
  writeFileSync(join(folder, 'small.yaml'), smallTopology);
  writeFileSync(join(folder, 'broken.yaml'), broken);
  const args = ['run', 'small.yaml', 'broken.yaml', '--out', out, '--reporter', 'json'];
  const { stdout, stderr } = await start(args, { cwd: folder }).ended;
  [passing, failing] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)) as [RunResult, RunResult];
  summary = stderr;
});

/** What shows the failures of a run, in terms that do not change from run to run. */
const shown = ({ points }: RunResult) =>
  points.flatMap(({ outcome, exhibit }) =>
    outcome === 'fail'
      ? [
          {
            from: exhibit?.from,
            kind: exhibit?.replicast?.kind,
            index: exhibit?.replicast?.index,
            finding: exhibit?.finding,
          },
        ]
      : [],
  );

t.test('results have the published form, and the summary begins with what failed', async (t) => {
  for (const result of [passing, failing]) {
    const file = JSON.parse(readFileSync(join(result.folder, 'result.json'), 'utf8'));
    t.same(runResult.strict().parse(file), result);
    t.notOk(existsSync(join(result.folder, 'result.json.part')));
  }
  t.equal(passing.outcome, 'pass');
  t.ok(passing.figures.latency!.p99 >= passing.figures.latency!.p50);
  t.equal(failing.outcome, 'fail');
  const [lost, twice] = failing.points.filter(({ outcome }) => outcome === 'fail');
  t.match(lost?.exhibit, { from: 'i1', replicast: { kind: 'Data', index: 7 } });
  t.match(twice?.exhibit, { finding: 'crossed west>east twice', replicast: { kind: 'Data', index: 9 } });
  const [first] = summary.split('\n');
  t.equal(first, 'broken fail', summary);
  t.match(summary, `castlab replay ${failing.folder}`);
  t.match(summary, /^broken +fail +1 .*2×/m);
});

t.test('tshark and capinfos read lab.pcapng without a warning, and count what the ledger counts', async (t) => {
  if (!hasPrograms(t, 'tshark', 'capinfos')) return;
  const file = join(failing.folder, 'lab.pcapng');
  const infos = await run('capinfos', ['-M', file]);
  t.equal(infos.stderr, '');
  t.match(infos.stdout, /nanoseconds/);
  const plain = await run('tshark', ['-r', file, '-q', '-z', 'io,stat,0'], { env: { ...process.env, HOME: folder } });
  // tshark says about root what has nothing to do with the file.
  t.same(
    plain.stderr.split('\n').filter((line) => line !== '' && !/root/.test(line)),
    [],
  );

  const rows = await tshark(file, 'frame', ['frame.interface_name', 'frame.packet_flags', 'frame.comment']);
  const counted = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string, more = 1) => counts.set(key, (counts.get(key) ?? 0) + more);
  for (const [end] of rows) add(counted, end![0]!);
  const expected = new Map<string, number>();
  for (const { from, to, sentAt, arrivedAt } of readLedger(failing)) {
    if (sentAt !== undefined) add(expected, `${from}>${to}`);
    if (arrivedAt !== undefined) add(expected, `${to}>${from}`);
  }
  const { capture } = JSON.parse(readFileSync(join(failing.folder, 'observations.json'), 'utf8'));
  for (const [end, count] of Object.entries(capture.others)) add(expected, end, count as number);
  t.same(Object.fromEntries([...counted].sort()), Object.fromEntries([...expected].sort()));
  t.equal(rows.length, capture.frames);

  for (const { exhibit } of failing.points) {
    if (!exhibit) continue;
    const hops = readLedger(failing).filter(({ id }) => id === exhibit.datagram);
    const ends = hops.flatMap(({ from, to, sentAt, arrivedAt }) => [
      ...(sentAt === undefined ? [] : [`${from}>${to}`]),
      ...(arrivedAt === undefined ? [] : [`${to}>${from}`]),
    ]);
    const commented = rows.filter(([, , comment]) => comment!.join(';').includes(exhibit.finding));
    t.same(commented.map(([end]) => end![0]!).sort(), ends.sort(), exhibit.finding);
  }
});

t.test('a browser shows both runs, steps a datagram, shows duplicates in red, follows a verdict', async (t) => {
  if (!hasPrograms(t, 'chromium')) return;
  const open = await browser(t);
  type Page = Awaited<ReturnType<typeof open>>['page'];
  const red = async (page: Page, link: string) => {
    const stroke = await page.evaluate<string>(
      `getComputedStyle(document.querySelector('path[data-link="${link}"]')).stroke`,
    );
    const [r, g, b] = stroke.match(/\d+/g)!.map(Number) as [number, number, number];
    return r > 1.5 * g && r > 1.5 * b;
  };

  // The browser says a little later that the address has changed.
  const title = (page: Page, hasText: RegExp) => page.locator('#way-title', { hasText }).waitFor({ timeout: 20_000 });

  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, complaints, picture } = await open(join(failing.folder, 'report.html'), {
      colorScheme,
      reducedMotion: 'reduce',
    });
    await picture(`failing-${colorScheme}`);
    t.ok(await red(page, 'west>east'), `${colorScheme}: the trunk that carried a datagram twice is red`);
    t.notOk(await red(page, 'east>west'), 'the other way is not');
    t.equal(await page.locator('svg .times').filter({ hasText: '×2' }).count(), 1, 'and says how often');

    const verdict = page.locator('#verdicts li.fail', { hasText: 'at most once' });
    await verdict.getByRole('link', { name: 'Show its way' }).click();
    await title(page, /Data 9/);
    t.match(await page.locator('#way-title').textContent(), /Data 9/);
    t.ok(await red(page, 'west>east'));
    await page.getByRole('button', { name: 'To the beginning' }).click();
    t.match(await page.locator('.said').textContent(), /Before the first hop/);
    t.notOk(await red(page, 'west>east'), 'nothing has crossed yet');
    const forward = page.getByRole('button', { name: 'Step forward' });
    for (let step = 1; step <= 2; step++) {
      await forward.press('Enter');
      t.match(
        await page.locator('.said').textContent(),
        new RegExp(`^Step ${step} of \\d+: .* arrived after [\\d.]+ ms`),
      );
    }
    await picture(`way-${colorScheme}`);
    await page.getByLabel('Speed').selectOption('4');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.locator('.said', { hasText: 'Played to the end' }).waitFor({ timeout: 20_000 });

    await page.getByRole('button', { name: 'Show its way through the network' }).click();
    await title(page, /Transaction/);
    t.match(
      await page.locator('#way-title').textContent(),
      /^Transaction [0-9a-f]{16}: \d+ datagrams/,
      'a whole chunk',
    );
    await page.goBack();
    await title(page, /Data 9/);
    t.match(await page.locator('#way-title').textContent(), /Data 9/, 'the back button returns');
    t.same(complaints, [], `${colorScheme}: no error, no request`);
  }

  const { page, complaints, picture } = await open(join(passing.folder, 'report.html'), {
    viewport: { width: 420, height: 900 },
  });
  await picture('passing-narrow');
  const words = await page.locator('svg.picture').getAttribute('aria-describedby');
  t.match(await page.locator(`#${words}`).textContent(), /table of links/, 'the picture says where it is in words');
  t.equal(await page.locator('#verdicts li.fail').count(), 0);
  for (const link of ['west>east', 'east>west']) t.notOk(await red(page, link), `${link} is not red`);
  const table = page.locator('#links');
  await table.getByRole('searchbox').fill('trunk west>east');
  t.equal(await table.locator('tbody tr').count(), 1, 'the text twin filters');
  await table.getByRole('searchbox').fill('');
  const bytes = table.getByRole('button', { name: 'Bytes', exact: true });
  await bytes.click();
  await bytes.click();
  t.equal(await table.locator('th[aria-sort="descending"]').textContent(), 'Bytes', 'and sorts');
  await page.locator('#latency').scrollIntoViewIfNeeded();
  await picture('passing-narrow-latency');
  t.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, 'nothing sticks out');
  t.same(complaints, []);
});

t.test('the verbs read the folder', async (t) => {
  const listed = await castlab('runs', out);
  t.match(listed.stdout, /broken +fail .*\n.*small +pass/s);
  const [point] = failing.points.filter(({ outcome }) => outcome === 'fail');
  const { stdout } = await castlab('show', failing.folder, '--datagram', point!.exhibit!.datagram);
  t.match(stdout, /Replicast Data, .* index 7/);
  t.match(stdout, /^west>east +\+[\d.]+ +never/m, 'where it was lost');
  const wrong = await castlab('show', failing.folder, '--datagram', 'beef');
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /knows no datagram beef/);
  t.match((await castlab('diff', passing.folder, failing.folder)).stdout, /at most once +pass +fail/);
  t.equal((await castlab('report', out)).code, 2, 'a folder without a run');
  rmSync(join(passing.folder, 'report.html'));
  t.equal((await castlab('report', passing.folder)).stdout.trim(), join(passing.folder, 'report.html'));
  t.ok(existsSync(join(passing.folder, 'report.html')));
});

t.test('a failing run whose folder was moved fails again by the same datagram', async (t) => {
  const moved = join(folder, 'elsewhere');
  cpSync(failing.folder, moved, { recursive: true });
  rmSync(join(folder, 'object.bin'));
  const file = join(moved, 'result.json');
  const before = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...before, versions: { ...before.versions, castlab: '0.0.1' } }));
  const { code, stdout, stderr } = await castlab('replay', moved, '--out', out, '--reporter', 'json');
  t.equal(code, 1, stderr);
  t.match(stderr, /warning: castlab was 0\.0\.1 and is /);
  const again = JSON.parse(stdout) as RunResult;
  t.same(shown(again), shown(failing));
  t.equal(shown(again).length, 2);
});

t.test('a full disk', async (t) => {
  const disk = temporaryFolder(t);
  const runs = join(disk, 'runs');
  const program = join(root, 'dist/castlab.js');
  /** Runs a topology on a disk of its own, and lists what it left there. */
  const onDisk = async (size: string, file: string) => {
    const script = `mount -t tmpfs -o size=${size} castlab-test ${disk} && "$0" "$@"; code=$?; find ${disk} -name 'result*' >&2; exit $code`;
    const unshare = process.getuid!() === 0 ? ['-m'] : ['-Urm'];
    const args = [...unshare, 'sh', '-c', script, process.execPath, program, 'run', file, '--out', runs];
    const env = { ...process.env, NODE_OPTIONS: '' };
    return run('unshare', args, { env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };
  const small = join(folder, 'small.yaml');
  const before = await onDisk('8m', small);
  t.equal(before.code, 2);
  t.match(before.stderr, /\d MiB are free on this disk, and a run takes up to 64 MiB: .*--out/);
  t.notMatch(before.stdout, /ok 1/, 'nothing was started');

  const filling = join(folder, 'filling.yaml');
  const fill = `[sh, -c, "cat /dev/zero > ${disk}/fill || true"]`;
  writeFileSync(
    filling,
    `name: small\nzones: { z: { hosts: { t1: target } } }\nscenario: [{ run: { node: t1, command: ${fill}, within: 60s } }]\n`,
  );
  const during = await onDisk('80m', filling);
  t.equal(during.code, 1);
  t.match(during.stdout, /^not ok 1 - small/m);
  t.match(during.stderr, /ENOSPC/);
  t.notMatch(during.stderr, /result/, 'nothing that could be taken for a result');
});
