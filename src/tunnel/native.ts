import type { Batch, HostHop } from '../mrouter/index.ts';
import { addressOfKey, type Endpoint, formatIpv4, makeEndpoint } from '../overlay/index.ts';
import { type Bound, bindSocket } from './bind.ts';
import { bitFilter, type OwnBit } from './bit-filter.ts';
import { SEND_QUEUE_LIMIT } from './constants.ts';
import { datagramLength, type SegmentedSender } from './segments.ts';
import { Senders } from './senders.ts';
import type { Tunnel, TunnelHost } from './tunnel.ts';

/** Frames stay in the zone. */
const ZONE_ONLY = 1;

/** The groups that a host sends to, by address as a number, and its bits in them: none where it is no member. */
export type NativeGroups = ReadonlyMap<number, readonly OwnBit[]>;

/**
 * One multicast frame of the underlay for many targets of this host's zone. It is in the groups that it is told to be in from the start, and
 * hears nothing of what it sends itself. Frames for others the kernel leaves out, and counts them with those that it had no room for: how many
 * the latter are nobody can tell.
 */
export class NativeTunnel implements Tunnel<HostHop> {
  readonly name = 'native';
  readonly #self: Endpoint;
  readonly #host: TunnelHost;
  readonly #mtu: number | undefined;
  readonly #groups = new Map<number, Bound & { member: boolean }>();
  private constructor(self: Endpoint, host: TunnelHost, mtu: number | undefined) {
    this.#mtu = mtu;
    this.#self = self;
    this.#host = host;
  }

  /**
   * @param mtu bytes of an underlay packet, see `UdpTunnel.open`
   * @throws Error with the code of the system
   */
  static async open(self: Endpoint, groups: NativeGroups, host: TunnelHost, mtu?: number): Promise<NativeTunnel> {
    const tunnel = new NativeTunnel(self, host, mtu);
    try {
      await tunnel.use(groups);
    } catch (error) {
      await tunnel.close();
      throw error;
    }
    return tunnel;
  }

  /** Uses these groups from now on, and no others. @throws Error with the code of the system */
  async use(groups: NativeGroups): Promise<void> {
    for (const [group, { socket, member }] of this.#groups) {
      const own = groups.get(group);
      if (own && own.length > 0 === member) continue;
      this.#groups.delete(group);
      socket.close();
    }
    for (const [group, own] of groups) {
      const member = own.length > 0;
      const bound = this.#groups.get(group) ?? { ...(await this.#open(group, member)), member };
      this.#groups.set(group, bound);
      if (member) bound.filter?.(bitFilter(own));
    }
  }

  send({ endpoint }: HostHop, header: Uint8Array, inner: Uint8Array): void {
    const bound = this.#groups.get(addressOfKey(endpoint.key));
    if (!bound) {
      this.#host.onDrop('send-error');
      return;
    }
    const { socket, segments } = bound;
    const failed = (error: Error | null) => this.#sent(error, segments);
    if (socket.getSendQueueCount() >= SEND_QUEUE_LIMIT) this.#host.onDrop('send-queue-full');
    else if (!segments?.take(endpoint, header, inner, failed)) {
      socket.send(Buffer.concat([header, inner]), endpoint.port, endpoint.address, failed);
    }
  }

  /** Takes whole datagrams, headers included, unless they have to leave one by one. @param lent the bytes may change afterwards */
  takeBatch({ endpoint }: HostHop, batch: Batch, lent: boolean): boolean {
    const bound = this.#groups.get(addressOfKey(endpoint.key));
    if (!bound?.segments || bound.socket.getSendQueueCount() >= SEND_QUEUE_LIMIT) return false;
    const { segments } = bound;
    return segments.takeBatch(endpoint, batch, lent, (error) => this.#sent(error, segments));
  }

  #sent(error: Error | null, segments: SegmentedSender | undefined): void {
    if (!error) return;
    segments?.failed(error);
    this.#host.onDrop('send-error');
  }

  async close(): Promise<void> {
    const sockets = [...this.#groups.values()].map(({ socket }) => socket);
    this.#groups.clear();
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  /**
   * A socket bound to the group itself: what is sent to this host alone goes to the one that is bound to its own address. What leaves here has
   * this host's address and port as its source all the same, by which others know it.
   */
  async #open(group: number, member: boolean): Promise<Bound> {
    const address = formatIpv4(group);
    const bound = await bindSocket(makeEndpoint(address, this.#self.port), { shared: true, mtu: this.#mtu });
    const { socket } = bound;
    socket.setMulticastInterface(this.#self.address);
    socket.setMulticastTTL(ZONE_ONLY);
    socket.setMulticastLoopback(false);
    if (member) socket.addMembership(address, this.#self.address);
    const senders = new Senders();
    socket.on('message', (bytes, sender) => {
      const from = senders.key(sender);
      this.#host.onReceive({
        bytes,
        size: datagramLength(bytes),
        from,
        receivedAt: this.#host.now(),
        tunnel: 'native',
      });
    });
    socket.on('error', () => this.#host.onDrop('send-error'));
    return bound;
  }
}
