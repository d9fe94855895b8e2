import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { InputError } from '../document/index.ts';
import { interfaceIndex, setInterfaceMtu, TUN_DEVICE, TunInterface } from '../kernel/index.ts';
import { formatIpv6 } from '../overlay/index.ts';
import { Gateway, type GatewayCounters, type GatewayHost } from '../tunnel/gateway.ts';
import type { NodeConfig } from './config.ts';

/** What `status` says of the gateway. */
export type GatewayStatus = GatewayCounters & { interface: string; mtu: number };

/** No address but the overlay's, nothing that asks routers or neighbours: there are none on this link. */
const SYSCTLS = { accept_dad: 0, accept_ra: 0, autoconf: 0, router_solicitations: 0, disable_ipv6: 0 };

/** Where `ip` is, besides where the user looks. */
const SYSTEM_PATH = '/usr/sbin:/sbin';

/**
 * The gateway of a node: the interface through which the programs of its host use the overlay. It is made, and given the node's overlay
 * address, the routes to the overlay prefix and to its multicast addresses, and an MTU with which every packet fits the underlay; all that
 * goes with the node.
 */
export class NodeGateway {
  readonly #gateway: Gateway;
  readonly #name: string;
  /** Whether the interface is this node's to configure. */
  readonly #setup: boolean;
  #mtu: number;

  private constructor(gateway: Gateway, { interface: name, setup }: GatewaySettings, mtu: number) {
    this.#gateway = gateway;
    this.#name = name;
    this.#setup = setup;
    this.#mtu = mtu;
  }

  /**
   * @param mtu of the interface, bytes; `undefined` when the underlay's is too small for IPv6
   * @throws InputError when there can be no such interface
   */
  static async open(config: NodeConfig, host: GatewayHost, mtu: number | undefined): Promise<NodeGateway> {
    const settings = config.values.gateway!;
    if (mtu === undefined) {
      throw config.error(['mtu'], `${config.values.mtu} bytes leave less than the 1280 that a gateway's programs need`);
    }
    const device = openInterface(config, settings);
    try {
      if (settings.setup) await setUp(settings.interface, formatIpv6(host.overlay), mtu);
    } catch (error) {
      device.close();
      const message = `cannot set up ${settings.interface}: ${(error as Error).message}`;
      throw config.error(['gateway', 'interface'], message);
    }
    return new NodeGateway(new Gateway(device, host), settings, mtu);
  }

  get status(): GatewayStatus {
    return { interface: this.#name, mtu: this.#mtu, ...this.#gateway.counters };
  }

  /** Gives an inner packet to the programs of this host. @returns whether it was taken */
  deliver(inner: Uint8Array): boolean {
    return this.#gateway.deliver(inner);
  }

  /** Another cluster map may leave more or less room. @throws SystemCallError when the interface has gone */
  setMtu(mtu: number): void {
    if (mtu === this.#mtu) return;
    if (this.#setup) setInterfaceMtu(this.#name, mtu);
    this.#mtu = mtu;
  }

  close(): void {
    this.#gateway.close();
  }
}

type GatewaySettings = NonNullable<NodeConfig['values']['gateway']>;

function openInterface(config: NodeConfig, { interface: name, setup }: GatewaySettings): TunInterface {
  const refuse = (message: string): InputError => config.error(['gateway', 'interface'], message);
  if (!setup && !interfaceExists(name)) {
    throw refuse(`there is no interface ${name}: make it (ip tuntap add dev ${name} mode tun), or leave out "setup"`);
  }
  try {
    return new TunInterface(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refuse(`cannot open ${name}: ${REMEDIES[code ?? '']?.(name) ?? message}`);
  }
}

function interfaceExists(name: string): boolean {
  try {
    interfaceIndex(name);
    return true;
  } catch {
    return false;
  }
}

/** What is wrong and what mends it, by error code. */
const REMEDIES: Record<string, (name: string) => string> = {
  ENOENT: () => `there is no ${TUN_DEVICE}: sudo modprobe tun (in a container: --device ${TUN_DEVICE})`,
  EACCES: () => `no permission for ${TUN_DEVICE}: run as root, or sudo chmod 666 ${TUN_DEVICE}`,
  EPERM: (name) =>
    `no permission to make an interface: run as root, or sudo ip tuntap add dev ${name} mode tun user $USER`,
  EBUSY: () => 'another program has it open',
  EINVAL: () => 'it exists and is no TUN interface: choose another name',
};

/** @throws Error with what the kernel or `ip` says */
async function setUp(name: string, address: string, mtu: number): Promise<void> {
  const folder = `/proc/sys/net/ipv6/conf/${name}`;
  try {
    for (const [key, value] of Object.entries(SYSCTLS)) writeFileSync(`${folder}/${key}`, `${value}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code === 'ENOENT' ? 'this kernel has no IPv6 (no /proc/sys/net/ipv6)' : message);
  }
  await ip([
    `link set dev ${name} addrgenmode none mtu ${mtu}`,
    `address replace ${address}/64 dev ${name} nodad`,
    `link set dev ${name} up`,
    // In the table that has a route for all multicast of each interface, the longer prefix wins.
    `route replace multicast ff15::/16 dev ${name} table local`,
  ]);
}

/** Runs the lines in one `ip -6 -batch`. @throws Error with its first complaint */
async function ip(lines: readonly string[]): Promise<void> {
  const child = spawn('ip', ['-6', '-batch', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:${SYSTEM_PATH}` },
  });
  child.stdin.on('error', () => {});
  child.stdin.end(`${lines.join('\n')}\n`);
  const complaint = text(child.stderr);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', () => reject(new Error('cannot run ip: sudo apt-get install iproute2')));
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`ip: ${(await complaint).split('\n')[0]}`);
}
