/** Three hosts in two networks, without shaping: what `s` sends to `d` goes through `r`, by a program there or by IP forwarding. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { programOf } from '../../../lab/nodes/programs.ts';
import { compile } from '../../../lab/plan/index.ts';
import { runBatches } from '../../../lab/sandbox/batches.ts';
import { applyPlan } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { ControlClient } from '../../../src/daemon/control.ts';
import { SourceDocument } from '../../../src/document/index.ts';
import { inNamespace } from '../../../src/kernel/index.ts';
import { Router } from '../../../src/mrouter/index.ts';
import { DEFAULT_PORT, loadClusterMap, PROBE_PORT } from '../../../src/overlay/index.ts';

/** Where everybody listens. */
export const PORT = DEFAULT_PORT;
/** How long what is on its way may take to arrive, and a program without a word to start, ms. */
export const SETTLING = 700;
/** Between two tries to reach a node that starts, and how many there are, ms. */
const TRY = { pause: 50, times: 200 };

const TOPOLOGY = `name: relay
zones:
  west: { hosts: { s: mrouter } }
  east: { hosts: { r: mrouter, d: mrouter } }
trunks: [{ between: [west, east] }]
overlay: { groups: { g: [s, r, d] } }
`;

/** How the relay uses its socket: `src/daemon/config.ts`. */
export type Sockets = 'dgram' | 'kernel';

/** A program on a host; its lines are what it has to say. */
export interface Started {
  child: ChildProcess;
  lines: Interface;
}

/** The relay, a whole node of its own. */
export interface Relay {
  pid: number;
  /** Datagrams that it has passed on so far. */
  relayed(): Promise<number>;
}

/** What makes datagrams from `s` to `r` and `d`, as the MRouter of `s` sends them to `r`. */
export interface OverlayDatagrams {
  /** Bytes of payload that fill an Ethernet packet. */
  readonly maxPayload: number;
  /** @param payload what is in it */
  make(payload: Uint8Array): Buffer;
}

export class RelayLab {
  readonly #topology = loadTopology(TOPOLOGY, 'relay.yaml');
  readonly #plan = compile(this.#topology);
  #folder = '';

  /** Builds the network. To be called in a sandbox. */
  static async build(): Promise<RelayLab> {
    const lab = new RelayLab();
    await applyPlan(lab.#plan, { exact: false });
    lab.#folder = await mkdtemp('/tmp/castlab-bench-');
    return lab;
  }

  /** Of a host, as text. */
  address(host: 's' | 'r' | 'd'): string {
    return this.#topology.hosts.find(({ name }) => name === host)!.address;
  }

  start(host: string, command: string, ...args: string[]): Started {
    const child = inNamespace(host, () => spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
    return { child, lines: createInterface({ input: child.stdout! }) };
  }

  /** Starts a program of this folder. */
  startInside(host: string, name: string, ...args: (string | number)[]): Started {
    const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
    return this.start(host, process.execPath, '--import', import.meta.resolve('tsx'), file, ...args.map(String));
  }

  /** Counts what arrives at `d`. @returns what ends that, and tells */
  async drain(): Promise<() => Promise<{ bytes: number; ms: number }>> {
    const drain = this.startInside('d', 'drain', this.address('d'), PORT);
    await once(drain.lines, 'line');
    return async () => {
      const told = once(drain.lines, 'line');
      drain.child.kill('SIGTERM');
      return JSON.parse((await told)[0] as string) as { bytes: number; ms: number };
    };
  }

  /** Starts an MRouter on `r`. @param nodeArguments for Node.js, before the program */
  async startMRouter(sockets: Sockets, nodeArguments: readonly string[] = []): Promise<Relay> {
    const map = join(this.#folder, 'map.json');
    await writeFile(map, JSON.stringify(this.#plan.clusterMap));
    const file = join(this.#folder, 'r.json');
    const control = join(this.#folder, 'r.sock');
    const { config } = this.#plan.nodes.find(({ name }) => name === 'r')!;
    // Without hellos every host counts as live: those of `s` and `d` are no MRouters here.
    const own = { ...config, events: undefined, log: { level: 'error' }, sockets, map, hello: 0, control };
    await writeFile(file, JSON.stringify(own));
    const [node, ...args] = programOf('mrouter', file)!;
    const { child } = this.start('r', node, ...nodeArguments, ...args);
    const client = await connect(control);
    return {
      pid: child.pid!,
      relayed: async () => ((await client.request('counters')) as { relayed: number }).relayed,
    };
  }

  /** Starts what passes on to `d` each datagram that comes to `r`, whatever is in it. */
  startSocat(): void {
    this.start('r', 'socat', '-b', '65536', `UDP4-RECV:${PORT}`, `UDP4-SENDTO:${this.address('d')}:${PORT}`);
  }

  /** Has the kernel of `r` forward what is for `d`, over the same links. */
  async forwardIp(): Promise<void> {
    const lines = [`route add ${this.address('d')}/32 via ${this.address('r')}`];
    await runBatches([{ namespace: 'east', tool: 'ip', lines }]);
    const settings = ['ip_forward=1', 'conf/all/send_redirects=0', 'conf/eth0/send_redirects=0'];
    const commands = settings.map((setting) => {
      const [key, value] = setting.split('=') as [string, string];
      return `echo ${value} > /proc/sys/net/ipv4/${key}`;
    });
    await once(this.start('r', 'sh', '-c', commands.join(' && ')).child, 'exit');
  }

  /** See `OverlayDatagrams`. */
  overlayDatagrams(): OverlayDatagrams {
    const map = loadClusterMap(new SourceDocument(JSON.stringify(this.#plan.clusterMap), 'map.json'));
    const { endpoint, zone, overlay } = map.targetByName.get('s')!;
    let sent = Buffer.alloc(0);
    const sink = {
      transmit: (_: unknown, header: Uint8Array, inner: Uint8Array) => {
        sent = Buffer.concat([header, inner]);
      },
      deliver: () => true,
    };
    const router = new Router({ map, self: { endpoint, zone: zone.name, overlay }, sink, helloInterval: 0 });
    const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };
    const outbound = router.route({ group: 'g', members: ['r', 'd'] }, { flow: 0, attempt: 1, ...ports }, 0);
    return {
      maxPayload: outbound.maxPayload,
      make: (payload) => {
        router.send(outbound, payload, 0);
        return sent;
      },
    };
  }
}

async function connect(control: string): Promise<ControlClient> {
  for (let left = TRY.times; ; left--) {
    try {
      return await ControlClient.connect(control);
    } catch (error) {
      if (left === 0) throw error;
      await sleep(TRY.pause);
    }
  }
}
