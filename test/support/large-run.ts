/** A run folder of any size without a lab: what 100 nodes and 200,000 traversals look like to whatever reads it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostsByAddress } from '../../lab/observe/addresses.ts';
import { datagramsFrom, type NodeEvent } from '../../lab/observe/evidence.ts';
import { writeEvidence } from '../../lab/observe/evidence-folder.ts';
import { Ledger, type Traversal } from '../../lab/observe/ledger.ts';
import { compile, path } from '../../lab/plan/index.ts';
import type { RunResult } from '../../lab/report/index.ts';
import { expandTopology, loadTopology } from '../../lab/topology/index.ts';

/** ms on CLOCK_MONOTONIC of a machine that has been up for some hours. */
const BEGAN = 12_048_857.595757;
/** ms between one datagram and the next. */
const APART = 0.5;
const BYTES = 1490;

export interface LargeRun {
  zones: number;
  hosts: number;
  traversals: number;
}

/** Writes the folder and returns its result. Every datagram goes from the first host to one host of every zone. */
export async function writeLargeRun(
  folder: string,
  { zones, hosts, traversals: wanted }: LargeRun,
): Promise<RunResult> {
  const text = `name: large\nshape: { star: { zones: ${zones}, hosts: ${hosts} } }\ndefaults: { edge: { rate: 100mbit }, trunk: { rate: 100mbit, delay: 1ms } }\nscenario: []\nexpect: []\n`;
  const topology = loadTopology(text, 'large.yaml');
  const plan = compile(topology);
  const sender = topology.hosts.find(({ role }) => role === 'initiator')!.name;
  const targets = topology.hosts.filter(({ role }) => role === 'target').map(({ name }) => name);
  const [group] = Object.keys(topology.overlay.groups);
  const paths = new Map(targets.map((target) => [target, path(topology, sender, target)]));
  const events: NodeEvent[] = [];
  const traversals: Traversal[] = [];
  for (let number = 0; traversals.length < wanted; number++) {
    const to = Array.from({ length: zones }, (_, zone) => targets[(zone * hosts + number) % targets.length]!);
    const id = (0x4db961f6n * BigInt(number + 1)).toString(16).padStart(16, '0');
    const at = BEGAN + number * APART;
    events.push({ t: at, node: sender, event: 'sent', id, to, group, bytes: 1400, attempt: 1 });
    for (const target of new Set(to)) {
      let time = at + 0.05;
      for (const { name, from, to: next } of paths.get(target)!) {
        const arrivedAt = time + 0.15 + (number % 97) / 1000;
        const same = { source: 'fd63:6173:746c:1::1', destination: 'ff15::1', ttl: 8, bytes: BYTES, id };
        const replicast = {
          kind: 5,
          txn: (number >> 8).toString(16).padStart(16, '0'),
          attempt: 1,
          index: number & 255,
          count: 256,
        };
        traversals.push({
          ...same,
          link: name,
          from,
          to: next,
          bits: (1 << (number % 24)).toString(16).padStart(16, '0'),
          sentAt: time,
          arrivedAt,
          replicast,
        });
        time = arrivedAt + 0.004;
      }
      events.push({ t: time + 0.1, node: target, event: 'delivered', id, from: 'fd63:6173:746c:1::1', bytes: 1400 });
    }
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'topology.yaml'), expandTopology(topology));
  const end = BEGAN + events.length;
  await writeEvidence(folder, {
    evidence: {
      plan,
      ledger: new Ledger({ traversals }),
      ...datagramsFrom(events, hostsByAddress(plan)),
      puts: [],
      stored: [],
      killed: new Map(),
      phases: [{ name: 'all', from: BEGAN - 1 }],
      counters: [
        {
          nodes: Object.fromEntries(
            topology.hosts.map(({ name }, i) => [name, { received: i * 1000, dropped: { loop: i % 3 } }]),
          ),
        },
      ],
      captureDrops: 0,
      noise: [0.05, 0.06],
    },
    events,
    steps: [{ kind: 'send', title: `send ${wanted} traversals' worth`, startedAt: BEGAN - 1, endedAt: end }],
    capture: { frames: traversals.length * 2, dropped: 0, ignored: {}, others: {} },
  });
  const result: RunResult = {
    schema: 1,
    topology: 'large',
    file: 'large.yaml',
    outcome: 'pass',
    folder,
    seed: 1,
    links: 'auto',
    startedAt: '2026-01-01T00:00:00.000Z',
    took: { build: 1, nodes: 1, scenario: 1, judge: 1, teardown: 1, total: 5 },
    points: [{ title: 'made without a lab', outcome: 'pass', summary: `${traversals.length} traversals` }],
    figures: {
      namespaces: plan.namespaces.length,
      links: plan.links.length,
      nodes: topology.hosts.length,
      puts: 0,
      datagrams: events.filter(({ event }) => event === 'sent').length,
      traversals: traversals.length,
      trunkStress: 2,
      captureDrops: 0,
      framesMissed: 0,
    },
    versions: {},
  };
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  return result;
}
