import { spawn } from 'node:child_process';
import { namespacePath } from '../../src/kernel/index.ts';
import type { Batch } from '../plan/plan.ts';
import { installCommand } from './packages.ts';
import { UnsupportedError } from './unsupported.ts';

/** Shells at a time. What they start waits for the kernel's one network lock most of the time: more gain nothing. */
const LANES = 3;
/** What a process costs, in lines: some 2 ms against 0.03 ms. */
const PROCESS_COST = 60;
const ANNOUNCE = '#batch ';
/** Ends a here-document; no line of a plan is just this. */
const END = 'END-OF-BATCH';

/** iproute2 refused a line of the plan. */
export class BatchError extends Error {
  override name = 'BatchError';
  readonly tool: Batch['tool'];
  readonly namespace: string | undefined;
  /** The line as the plan has it; `undefined` when the tool did not say which one it was. */
  readonly line: string | undefined;

  constructor(batch: Batch, line: string | undefined, said: string) {
    const where = batch.namespace === undefined ? 'outside of all namespaces' : `in namespace ${batch.namespace}`;
    super(`${batch.tool} ${where}${line === undefined ? '' : `, line "${line}"`}: ${said}`);
    this.tool = batch.tool;
    this.namespace = batch.namespace;
    this.line = line;
  }
}

/**
 * Runs the batches in their order as far as it matters: those of one namespace one after another, those of different namespaces side by
 * side. A batch that reaches beyond one namespace (it has none, or a line with `netns`) waits for all before it, and all after it wait.
 * @throws BatchError for the first line that is refused; that lane goes no further.
 */
export async function runBatches(batches: readonly Batch[]): Promise<void> {
  for (const group of groups(batches)) {
    const done = await Promise.allSettled(lanes(group, LANES).map(runLane));
    const failed = done.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

/** Groups that have to follow each other; in each, one queue a namespace. Pure. */
export function groups(batches: readonly Batch[]): Map<string, Batch[]>[] {
  const found: Map<string, Batch[]>[] = [];
  let open: Map<string, Batch[]> | undefined;
  for (const batch of batches) {
    if (batch.namespace === undefined || batch.lines.some((line) => /\bnetns\b/.test(line))) {
      found.push(new Map([['', [batch]]]));
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = new Map();
      found.push(open);
    }
    const queue = open.get(batch.namespace);
    if (queue) queue.push(batch);
    else open.set(batch.namespace, [batch]);
  }
  return found;
}

/** Spreads the queues over at most `count` lanes of about the same length. Pure. */
export function lanes(group: ReadonlyMap<string, Batch[]>, count: number): Batch[][] {
  const cost = (queue: Batch[]) => queue.reduce((sum, { lines }) => sum + PROCESS_COST + lines.length, 0);
  const queues = [...group.values()].map((queue) => ({ queue, cost: cost(queue) })).sort((a, b) => b.cost - a.cost);
  const result = Array.from({ length: Math.min(count, queues.length) }, () => ({ batches: [] as Batch[], cost: 0 }));
  for (const { queue, cost } of queues) {
    const lane = result.reduce((a, b) => (b.cost < a.cost ? b : a));
    lane.batches.push(...queue);
    lane.cost += cost;
  }
  return result.map(({ batches }) => batches);
}

/** A shell runs the batches of a lane: to start a process costs it a fraction of what it costs a Node.js process with its much larger memory. */
function runLane(batches: readonly Batch[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const shell = spawn('sh', ['-e'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    shell.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    shell.stdin.on('error', () => {}); // it ended before it read everything: its exit code says why
    shell.once('error', reject);
    shell.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(explain(batches, said, signal ?? `exit code ${code}`));
    });
    shell.stdin.end(laneScript(batches));
  });
}

/** Each batch announces itself on standard error, so that what is said there has an owner. */
function laneScript(batches: readonly Batch[]): string {
  return batches
    .map(({ namespace, tool, lines }, i) => {
      // `ip -n` would do the same as nsenter, with a copy of the mount table for each process.
      const enter = namespace === undefined ? '' : `nsenter --net=${namespacePath(namespace)} -- `;
      return `echo '${ANNOUNCE}${i}' >&2\n${enter}${tool} -batch - <<'${END}'\n${lines.join('\n')}\n${END}\n`;
    })
    .join('');
}

/** Finds batch and line: the last announcement, and iproute2's last word, `Command failed -:3`. Pure. */
export function explain(batches: readonly Batch[], said: string, ending: string): Error {
  const [, index, words = ''] = /^.*^#batch (\d+)\n(.*)$/ms.exec(said) ?? [];
  const batch = batches[Number(index)];
  if (batch === undefined) return new Error(`sh: ${said.trim() || ending}`);
  if (/(not found|No such file or directory)$/m.test(words) && words.includes(batch.tool)) {
    return new UnsupportedError(`the program "${batch.tool}" was not found`, installCommand(['iproute2']));
  }
  const failed = /^Command failed -:(\d+)\s*$/m.exec(words);
  const message = words.replace(/^Command failed.*$/m, '').trim();
  return new BatchError(
    batch,
    failed ? batch.lines[Number(failed[1]) - 1] : undefined,
    message.replace(/\s*\n\s*/g, '; ') || ending,
  );
}
