import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { MRouter, readConfig } from '../../src/daemon/index.ts';
import type { ReplicastNode } from '../../src/daemon/replicast-node.ts';
import { openReplicast } from '../../src/daemon/replicast-open.ts';
import { replicastOperations } from '../../src/daemon/replicast-operations.ts';

export interface LoopbackNode {
  name: string;
  mrouter: MRouter;
  node: ReplicastNode;
  /** Asks for a control operation, without the socket. */
  request(op: string, args?: Record<string, unknown>): Promise<unknown>;
}

/** Configuration files of a small cluster whose underlay are addresses of the loopback interface. */
export class Loopback {
  readonly folder: string;
  readonly #nodes: LoopbackNode[] = [];
  readonly #last: number;

  constructor(test: Test, targets: number, replicast: Record<string, unknown> = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'castlab-loopback-'));
    // An address block of its own for every process and cluster: 127.0.0.0/8 is wide.
    const block = `127.${1 + Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 256)}`;
    this.#last = targets;
    const underlay = (i: number) => `${block}.${i}`;
    const mac = (i: number) => `02:00:7f:00:00:${i.toString(16).padStart(2, '0')}`;
    const names = Array.from({ length: targets }, (_, i) => `t${i + 1}`);
    writeFileSync(
      join(this.folder, 'map.json'),
      JSON.stringify({
        prefix: 'fd63:6173:746c:1::/64',
        zones: { z: { subnet: `${block}.0/24` } },
        targets: Object.fromEntries(
          names.map((name, i) => [name, { zone: 'z', underlay: underlay(i + 1), mac: mac(i + 1) }]),
        ),
        groups: { ng1: { id: '000000000001', members: names } },
      }),
    );
    for (const [i, name] of [...names, 'i1'].entries()) {
      mkdirSync(join(this.folder, `store-${name}`));
      writeFileSync(
        this.config(name),
        JSON.stringify({
          name,
          role: name === 'i1' ? 'initiator' : 'target',
          map: 'map.json',
          zone: 'z',
          underlay: underlay(i + 1),
          mac: mac(i + 1),
          control: `${name}.sock`,
          store: `store-${name}`,
          log: { level: 'silent' },
          replicast,
        }),
      );
    }
    test.teardown(async () => {
      for (const node of this.#nodes) await this.#close(node);
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  config(name: string): string {
    return join(this.folder, `${name}.json`);
  }

  /** Starts all targets and the initiator in this process; returns the initiator. */
  async startAll(): Promise<LoopbackNode> {
    for (let i = 1; i <= this.#last; i++) await this.start(`t${i}`);
    return this.start('i1');
  }

  async start(name: string): Promise<LoopbackNode> {
    const mrouter = await MRouter.open(readConfig(this.config(name)));
    const node = openReplicast(mrouter);
    const operations = replicastOperations(mrouter, node);
    const request = async (op: string, args: Record<string, unknown> = {}) => operations[op]!(args);
    const started = { name, mrouter, node, request };
    this.#nodes.push(started);
    return started;
  }

  node(name: string): LoopbackNode {
    return this.#nodes.find((node) => node.name === name)!;
  }

  async stop(name: string): Promise<void> {
    const index = this.#nodes.findIndex((node) => node.name === name);
    const [node] = this.#nodes.splice(index, 1);
    await this.#close(node!);
  }

  async #close({ node, mrouter }: LoopbackNode): Promise<void> {
    await node.close();
    await mrouter.close();
  }
}
