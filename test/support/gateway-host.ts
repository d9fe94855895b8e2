import { encodeInner, INNER_DESTINATION_OFFSET, type InnerHeader, parseIpv6 } from '../../src/overlay/index.ts';
import { Gateway, type PacketInterface } from '../../src/tunnel/gateway.ts';
import type { OverlayNetwork, SimulatedHost } from './overlay-network.ts';

/** An interface whose kernel is the test. */
export class TestInterface implements PacketInterface {
  readonly name = 'castl0';
  /** What it was given, in order. */
  readonly written: Buffer[] = [];
  up = true;
  gone = false;
  readonly #waiting: Uint8Array[] = [];
  #ready: (() => void) | undefined;

  watch(ready: () => void): void {
    this.#ready = ready;
  }

  unwatch(): void {
    this.#ready = undefined;
  }

  get watched(): boolean {
    return this.#ready !== undefined;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  read(into: Uint8Array): number {
    if (this.gone) throw new Error('no such device');
    const packet = this.#waiting.shift();
    if (!packet) return -1;
    into.set(packet);
    return packet.length;
  }

  write(packet: Uint8Array): boolean {
    if (this.up) this.written.push(Buffer.from(packet));
    return this.up;
  }

  close(): void {
    this.unwatch();
  }

  /** Packets that programs send; the gateway is told once. */
  send(...packets: Uint8Array[]): void {
    this.#waiting.push(...packets);
    this.#ready?.();
  }
}

/** Gives a host of a simulated overlay a gateway. */
export function addGateway(net: OverlayNetwork, host: SimulatedHost) {
  const device = new TestInterface();
  const { router } = host;
  const overlay = parseIpv6(router.status(0).address)!;
  const lost: Error[] = [];
  const gateway = new Gateway(device, {
    overlay,
    route: (destination, options) => router.route(destination, options, net.now),
    send: (outbound, packet, bytes) => router.sendPacket(outbound, packet, bytes, net.now),
    onDrop: (reason) => router.drop(reason),
    onLost: (error) => lost.push(error),
    now: () => net.now,
  });
  host.gateway = (inner) => gateway.deliver(inner);
  /** An IPv6/UDP packet as a program's kernel makes it. */
  const packet = (to: string, payload: string | Uint8Array = 'hello', change: Partial<InnerHeader> = {}): Buffer => {
    const bytes = Buffer.alloc(70_000);
    const header = {
      source: overlay,
      destination: parseIpv6(to)!,
      sourcePort: 5000,
      destinationPort: 5001,
      dscp: 0,
      flowLabel: 77,
      ...change,
    };
    return bytes.subarray(0, encodeInner(bytes, header, Buffer.from(payload)));
  };
  return { gateway, device, packet, lost, address: router.status(0).address };
}

export const destinationOf = (packet: Uint8Array) =>
  packet.subarray(INNER_DESTINATION_OFFSET, INNER_DESTINATION_OFFSET + 16);
