import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Authority } from '../nodes/certificates.ts';
import { LabNode } from '../nodes/node.ts';
import { programOf } from '../nodes/programs.ts';
import type { NodeEvent } from '../observe/evidence.ts';
import type { Plan, PlannedNode } from '../plan/index.ts';

/** Where the lab keeps what dies with it: a tmpfs that only the sandbox sees. */
const stateFolder = '/run/castlab';

/** ms a node gets to say that it is ready, for each node that starts beside it: starting is work for the processor. */
const readyPatience = { least: 10_000, perNode: 500 };

/** ms a node gets to end after SIGTERM. */
const stopPatience = 5_000;

/** ms a node gets to say what it has counted: one that is paused never does. */
const counterPatience = 500;

/** ms without any event after which a network counts as quiet, and how long to wait for that at most. */
const quiet = { silence: 100, patience: 5_000 };

export interface LabOptions {
  /** Folder for configurations and logs. */
  folder: string;
  onEvent?: (event: NodeEvent) => void;
  /** Whether nodes say something about each datagram too (default): proof, at the price of their time. */
  datagramEvents?: boolean;
}

/** The running nodes of a built plan. */
export class Lab {
  readonly plan: Plan;
  /** Every event of every node, in the order of arrival. */
  readonly events: NodeEvent[] = [];
  readonly nodes = new Map<string, LabNode>();
  /** How each node is started. */
  readonly #starts = new Map<string, () => LabNode>();
  readonly #options: LabOptions;
  /** Paths for each host, where a connection is encrypted. */
  readonly #tls = new Map<string, { key: string; cert: string; ca: string }>();

  constructor(plan: Plan, options: LabOptions) {
    this.plan = plan;
    this.#options = options;
  }

  /** Starts every node, one process a host, and waits until each has said that it is ready. @throws NodeError */
  async start(): Promise<void> {
    // Programs take the paths in their configuration relative to its own folder.
    const folder = resolve(this.#options.folder);
    const files = { map: join(folder, 'cluster-map.json'), configs: join(folder, 'nodes'), logs: join(folder, 'logs') };
    await Promise.all([files.configs, files.logs, stateFolder].map((path) => mkdir(path, { recursive: true })));
    if (this.plan.topology.overlay.tunnels.some(({ kind }) => kind === 'tls')) await this.#certify();
    await writeFile(files.map, `${JSON.stringify(this.plan.clusterMap, null, 2)}\n`);
    for (const planned of this.plan.nodes) await this.#startNode(planned, files);
    const patience = Math.max(readyPatience.least, readyPatience.perNode * this.nodes.size);
    await Promise.all([...this.nodes.values()].map((node) => node.whenReady(patience)));
  }

  /** Gives every host a key and a certificate of this run's own authority. They never leave the memory of this machine. */
  async #certify(): Promise<void> {
    const authority = new Authority(this.plan.topology.name);
    await writeFile(this.#secret('ca'), authority.cert);
    for (const { name, address } of this.plan.topology.hosts) {
      const { key, cert } = authority.issue({ name, address });
      await writeFile(this.#secret(`${name}.key`), key, { mode: 0o600 });
      await writeFile(this.#secret(name), cert);
      this.#tls.set(name, { key: this.#secret(`${name}.key`), cert: this.#secret(name), ca: this.#secret('ca') });
    }
  }

  #secret(name: string): string {
    return join(stateFolder, `${name}.pem`);
  }

  async #startNode(planned: PlannedNode, files: { map: string; configs: string; logs: string }): Promise<void> {
    const configFile = join(files.configs, `${planned.name}.json`);
    const command = planned.run ?? programOf(planned.role, configFile);
    if (!command) return;
    const control = join(stateFolder, `${planned.name}.sock`);
    const config = {
      ...planned.config,
      map: files.map,
      control,
      events: { fd: 3, datagrams: this.#options.datagramEvents ?? true },
      log: { file: join(files.logs, `${planned.name}.jsonl`), level: 'info' },
      ...(this.#tls.has(planned.name) && { tls: this.#tls.get(planned.name) }),
      ...(planned.role === 'target' && { store: join(stateFolder, `${planned.name}.store`) }),
    };
    await writeFile(configFile, `${JSON.stringify(config, null, 2)}\n`);
    this.#starts.set(planned.name, () => {
      const node = new LabNode({
        name: planned.name,
        command,
        control,
        outputFile: join(files.logs, `${planned.name}.out`),
        ...(planned.run && { foreign: true }),
        onEvent: (event) => {
          this.events.push(event);
          this.#options.onEvent?.(event);
        },
      });
      this.nodes.set(planned.name, node);
      return node;
    });
    this.restart(planned.name);
  }

  /** Starts the program of a host, for the first time or again once it has ended; does not wait until it is ready. */
  restart(name: string): LabNode {
    const start = this.#starts.get(name);
    if (!start) throw new Error(`host ${name} runs no program that the lab can talk to`);
    return start();
  }

  /** @throws Error when the host runs no program. */
  node(name: string): LabNode {
    const node = this.nodes.get(name);
    if (!node) throw new Error(`host ${name} runs no program that the lab can talk to`);
    return node;
  }

  /** What every node that answers has counted so far. */
  async counters(): Promise<Record<string, unknown>> {
    const answers = await Promise.all(
      [...this.nodes.values()].map(async (node) => {
        const counters = await Promise.race([node.request('counters').catch(() => undefined), sleep(counterPatience)]);
        return [node.name, counters] as const;
      }),
    );
    return Object.fromEntries(answers.filter(([, counters]) => counters !== undefined));
  }

  /** Waits until no node has had anything to say for a while: what was sent has arrived or never will. */
  async whenQuiet(): Promise<void> {
    const end = performance.now() + quiet.patience;
    for (let count = -1; count !== this.events.length && performance.now() < end; ) {
      count = this.events.length;
      await sleep(quiet.silence);
    }
  }

  /** Ends every node and reads their last events. */
  async stop(): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node.stop(stopPatience)));
  }
}
