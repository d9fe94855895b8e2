import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { HostHop } from '../mrouter/index.ts';
import { addressOfKey, type Endpoint, endpointKey, formatIpv4, parseIpv4 } from '../overlay/index.ts';
import { HEADER_SLOT_BYTES, SEND_QUEUE_LIMIT, SOCKET_BUFFER_BYTES } from './constants.ts';
import { HeaderRing } from './header-ring.ts';
import { type Batch, eachDatagram, type Tunnel, type TunnelHost } from './tunnel.ts';

/** Frames stay in the zone. */
const ZONE_ONLY = 1;

/** The groups that a host sends to, by address as a number, and whether it is in them itself. */
export type NativeGroups = ReadonlyMap<number, boolean>;

/**
 * One multicast frame of the underlay for many targets of this host's zone. It is in the groups that it is told to be in from the start, and
 * hears nothing of what it sends itself.
 */
export class NativeTunnel implements Tunnel<HostHop> {
  readonly name = 'native';
  readonly #self: Endpoint;
  readonly #host: TunnelHost;
  readonly #headers = new HeaderRing(SEND_QUEUE_LIMIT + 1, HEADER_SLOT_BYTES);
  readonly #groups = new Map<number, { socket: Socket; member: boolean }>();
  readonly #sent = (error: Error | null) => {
    if (error) this.#host.onDrop('send-error');
  };

  private constructor(self: Endpoint, host: TunnelHost) {
    this.#self = self;
    this.#host = host;
  }

  /** @throws Error with the code of the system */
  static async open(self: Endpoint, groups: NativeGroups, host: TunnelHost): Promise<NativeTunnel> {
    const tunnel = new NativeTunnel(self, host);
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
      if (groups.get(group) === member) continue;
      this.#groups.delete(group);
      socket.close();
    }
    for (const [group, member] of groups) {
      if (!this.#groups.has(group)) this.#groups.set(group, { socket: await this.#open(group, member), member });
    }
  }

  send({ endpoint }: HostHop, header: Uint8Array, inner: Uint8Array): void {
    const socket = this.#groups.get(addressOfKey(endpoint.key))?.socket;
    if (!socket) this.#host.onDrop('send-error');
    else if (socket.getSendQueueCount() >= SEND_QUEUE_LIMIT) this.#host.onDrop('send-queue-full');
    else socket.send([this.#headers.keep(header), inner], endpoint.port, endpoint.address, this.#sent);
  }

  sendBatch(hop: HostHop, batch: Batch): void {
    eachDatagram(batch, (datagram) => this.send(hop, Buffer.alloc(0), Buffer.from(datagram)));
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
  async #open(group: number, member: boolean): Promise<Socket> {
    const address = formatIpv4(group);
    const socket = await bind(address, this.#self.port);
    socket.setMulticastInterface(this.#self.address);
    socket.setMulticastTTL(ZONE_ONLY);
    socket.setMulticastLoopback(false);
    if (member) socket.addMembership(address, this.#self.address);
    socket.on('message', (bytes, { address: source, port }) => {
      const from = endpointKey(parseIpv4(source)!, port);
      this.#host.onReceive({ bytes, size: bytes.length, from, receivedAt: this.#host.now(), tunnel: 'native' });
    });
    socket.on('error', () => this.#host.onDrop('send-error'));
    return socket;
  }
}

async function bind(address: string, port: number): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    reuseAddr: true,
    recvBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
    lookup: (host, _options, callback) => callback(null, host, 4),
  });
  const bound = once(socket, 'listening');
  socket.bind({ address, port, exclusive: true });
  try {
    await bound;
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}
