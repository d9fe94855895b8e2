import { spawnSync } from 'node:child_process';
import { inNamespace } from '../../src/kernel/index.ts';
import { linkEnds, type Plan } from '../plan/index.ts';
import { findProgram } from '../sandbox/programs.ts';
import { ETHERNET_HEADER } from '../topology/constants.ts';

/** What a program of iproute2 says in JSON. @throws Error when it does not answer */
export function ask(program: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(findProgram(program) ?? program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

/**
 * Bytes of IP packets that have left by each link direction (`a>b`) since the network stands, headers of each single packet included also where
 * many passed at a time: by the counters of the queues, so only of links that have one.
 * @throws Error when tc does not answer
 */
export function readLinkBytes(plan: Plan): Record<string, number> {
  const sent = new Map(
    plan.namespaces.map(({ name }) => [
      name,
      inNamespace(name, () => bytesOf(ask('tc', ['-j', '-s', 'qdisc', 'show']))),
    ]),
  );
  return Object.fromEntries(linkEnds(plan).map((end) => [end.name, sent.get(end.node)![end.interface] ?? 0]));
}

interface Queue {
  dev?: string;
  root?: boolean;
  bytes?: number;
  packets?: number;
}

/** Bytes of IP packets by interface. Pure. @param queues `tc -j -s qdisc show` */
export function bytesOf(queues: string): Record<string, number> {
  const bytes: Record<string, number> = {};
  for (const { dev, root, bytes: all = 0, packets = 0 } of JSON.parse(queues) as Queue[]) {
    if (dev !== undefined && root) bytes[dev] = all - packets * ETHERNET_HEADER;
  }
  return bytes;
}

/** What has come since. */
export function since(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}
