import type { EnvelopeOptions, Outbound } from '../mrouter/index.ts';
import {
  type Destination,
  type DropReason,
  decodeInner,
  encodeIcmpError,
  formatIpv6,
  type IcmpError,
  INNER_DESTINATION_OFFSET,
  INNER_SOURCE_OFFSET,
  InnerView,
  isMulticast,
  PROTOCOL_HOP_BY_HOP,
  sameIpv6,
} from '../overlay/index.ts';
import { FLOW_LIFETIME, FLOW_LIMIT, ICMP_BURST, ICMP_RATE, PACKET_LIMIT, PACKETS_A_TURN } from './constants.ts';
import { TokenBucket } from './token-bucket.ts';

/** The interface that programs use: `TunInterface` of src/kernel. */
export interface PacketInterface {
  readonly name: string;
  watch(ready: () => void): void;
  unwatch(): void;
  /** @returns bytes of the packet; −1 when none waits. @throws when there is no interface any more */
  read(into: Uint8Array): number;
  /** @returns whether it was taken */
  write(packet: Uint8Array): boolean;
  close(): void;
}

/** The overlay as the gateway needs it. */
export interface GatewayHost {
  /** Overlay address of this host, 16 bytes. */
  readonly overlay: Uint8Array;
  /** @throws RangeError when nobody has the address */
  route(destination: Destination, options: EnvelopeOptions): Outbound;
  /** @throws RangeError when nobody has the address any more */
  send(outbound: Outbound, packet: Uint8Array, bytes: number): void;
  onDrop(reason: DropReason): void;
  /** The interface is gone; nothing will come from it again. */
  onLost(error: Error): void;
  /** ms on CLOCK_MONOTONIC */
  now(): number;
}

/** Packets since the start. */
export interface GatewayCounters {
  /** From programs into the overlay. */
  sent: number;
  /** From the overlay to programs. */
  received: number;
  /** What the kernel says on every IPv6 link and nobody in the overlay needs to hear: multicast listener reports and the like. */
  ignored: number;
  /** ICMPv6 errors to programs. */
  errors: number;
}

interface Flow {
  outbound: Outbound;
  /** ms; then it is routed again, because initiators come and go. */
  expires: number;
}

/** Prefix of overlay unicast addresses, bytes. */
const PREFIX_BYTES = 8;
/** Of a flow's key: first word of the IPv6 header, destination, ports. */
const FLOW_KEY = { destination: 4, ports: 20, size: 24 } as const;

/**
 * Lets programs that know nothing of the overlay use it: IPv6 packets that they send to an overlay address come out of an interface, and what
 * arrives for this host goes in. The packet that a program's kernel made is the inner packet, from the first host to the last.
 */
export class Gateway {
  readonly counters: GatewayCounters = { sent: 0, received: 0, ignored: 0, errors: 0 };
  readonly #interface: PacketInterface;
  readonly #host: GatewayHost;
  readonly #room = Buffer.allocUnsafe(PACKET_LIMIT);
  readonly #view = new InnerView();
  readonly #key = Buffer.alloc(FLOW_KEY.size);
  readonly #flows = new Map<string, Flow>();
  readonly #errors = new TokenBucket(ICMP_RATE, ICMP_BURST);
  /** Whether a packet from a program is on its way into the overlay. */
  #sending = false;

  constructor(packets: PacketInterface, host: GatewayHost) {
    this.#interface = packets;
    this.#host = host;
    packets.watch(() => this.#takeWaiting());
  }

  /**
   * Gives an inner packet to the programs of this host. What one of them has just sent to a group that this host is in is not given back: the
   * kernel has shown it to the others already.
   * @returns whether it was taken
   */
  deliver(inner: Uint8Array): boolean {
    if (!this.#sending && !this.#interface.write(inner)) return false;
    this.counters.received++;
    return true;
  }

  close(): void {
    this.#interface.close();
  }

  /** Some of what waits: the rest when others had their turn. */
  #takeWaiting(): void {
    try {
      for (let count = 0; count < PACKETS_A_TURN; count++) {
        const bytes = this.#interface.read(this.#room);
        if (bytes < 0) return;
        // The underlay's socket may keep it for a while.
        this.#take(Buffer.from(this.#room.subarray(0, bytes)));
      }
    } catch (error) {
      this.#interface.unwatch();
      this.#host.onLost(error as Error);
    }
  }

  #take(packet: Buffer): void {
    const view = this.#view;
    const problem = decodeInner(packet, view) ?? this.#distrust(packet, view);
    if (problem) this.#host.onDrop(problem);
    else if (this.#isOverlay(packet)) this.#send(packet, view);
    else this.counters.ignored++;
  }

  /** Why a packet of a program must not go into the overlay; what does not want to go there is no matter. */
  #distrust(packet: Buffer, view: InnerView): DropReason | undefined {
    if (!this.#isOverlay(packet)) return undefined;
    if (!sameIpv6(packet, INNER_SOURCE_OFFSET, this.#host.overlay)) return 'gateway-source';
    // Only this host's MRouter may say where it is, and what it says has to come first.
    if (view.announced) return 'announce-refused';
    return packet[6] === PROTOCOL_HOP_BY_HOP ? 'inner-option' : undefined;
  }

  #send(packet: Buffer, view: InnerView): void {
    this.#sending = true;
    try {
      const outbound = this.#route(packet, view);
      if (packet.length > outbound.maxPacket) {
        this.#refuse('packet-too-big', packet, { kind: 'packet-too-big', mtu: outbound.maxPacket });
        return;
      }
      this.#host.send(outbound, packet, view.payloadEnd - view.payloadStart);
      this.counters.sent++;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#refuse('no-route', packet, { kind: 'no-route' });
    } finally {
      this.#sending = false;
    }
  }

  #isOverlay(packet: Uint8Array): boolean {
    if (isMulticast(packet, INNER_DESTINATION_OFFSET)) return true;
    const { overlay } = this.#host;
    for (let i = 0; i < PREFIX_BYTES; i++) if (packet[INNER_DESTINATION_OFFSET + i] !== overlay[i]) return false;
    return true;
  }

  /** The way of a packet: that of the packets before it in the same flow. @throws RangeError when nobody has the address */
  #route(packet: Buffer, view: InnerView): Outbound {
    const now = this.#host.now();
    const key = this.#flowKey(packet, view);
    const known = this.#flows.get(key);
    if (known && known.expires > now) return known.outbound;
    if (this.#flows.size >= FLOW_LIMIT) this.#flows.clear();
    const outbound = this.#host.route(
      { address: formatIpv6(packet, INNER_DESTINATION_OFFSET) },
      {
        // The kernel labels the packets of a socket alike (RFC 6437), fragments too, which have no ports.
        flow: view.flowLabel || view.sourcePort * 65536 + view.destinationPort,
        attempt: 1,
        sourcePort: view.sourcePort,
        destinationPort: view.destinationPort,
        dscp: view.dscp,
      },
    );
    this.#flows.set(key, { outbound, expires: now + FLOW_LIFETIME });
    return outbound;
  }

  #flowKey(packet: Buffer, view: InnerView): string {
    const key = this.#key;
    packet.copy(key, 0, 0, FLOW_KEY.destination);
    packet.copy(key, FLOW_KEY.destination, INNER_DESTINATION_OFFSET, INNER_DESTINATION_OFFSET + 16);
    key.writeUInt16BE(view.sourcePort, FLOW_KEY.ports);
    key.writeUInt16BE(view.destinationPort, FLOW_KEY.ports + 2);
    return key.toString('latin1');
  }

  /** Counts a packet that cannot be sent and tells the program, as far as RFC 4443 §2.4 (e) and (f) allow. */
  #refuse(reason: DropReason, packet: Buffer, error: IcmpError): void {
    this.#host.onDrop(reason);
    const answer = encodeIcmpError(error, packet);
    if (answer && this.#errors.take(this.#host.now()) && this.#interface.write(answer)) this.counters.errors++;
  }
}
