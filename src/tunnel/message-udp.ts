import type { MessageSocket } from '../kernel/sockets.ts';
import type { Batch, HostHop } from '../mrouter/index.ts';
import { type Endpoint, IPV4_HEADER_BYTES, parseIpv4, UDP_HEADER_BYTES } from '../overlay/index.ts';
import { SEND_QUEUE_LIMIT, SOCKET_BUFFER_BYTES } from './constants.ts';
import { Overflow } from './overflow.ts';
import type { Tunnel, TunnelHost } from './tunnel.ts';

/**
 * One datagram of the overlay in one UDP datagram of the underlay, as in `UdpTunnel`, through system calls that take and give many at a time.
 * The kernel says where datagrams that came together begin, so nothing is taken for two datagrams that is one.
 */
export class MessageUdpTunnel implements Tunnel<HostHop> {
  readonly name = 'udp';
  readonly #socket: MessageSocket;
  readonly #overflow: Overflow;

  private constructor(socket: MessageSocket) {
    this.#socket = socket;
    this.#overflow = new Overflow(() => socket.drops());
  }

  /**
   * Binds to an underlay address.
   * @param mtu bytes of an underlay packet
   * @returns `undefined` where this cannot be done: no koffi for this platform, or a kernel older than Linux 5.0
   * @throws Error with the code of the system, such as EADDRINUSE or EADDRNOTAVAIL
   */
  static async open(endpoint: Endpoint, host: TunnelHost, mtu: number): Promise<MessageUdpTunnel | undefined> {
    const kernel = await import('../kernel/sockets.ts').catch(() => undefined);
    if (!kernel) return undefined;
    try {
      const socket = new kernel.MessageSocket({
        address: parseIpv4(endpoint.address)!,
        port: endpoint.port,
        buffer: SOCKET_BUFFER_BYTES,
        sending: { limit: SEND_QUEUE_LIMIT, longest: mtu - IPV4_HEADER_BYTES - UDP_HEADER_BYTES },
        onMessage: (bytes, size, from) => host.onReceive({ bytes, size, from, receivedAt: host.now(), tunnel: 'udp' }),
        onDrop: (error, datagrams) => {
          for (let i = 0; i < datagrams; i++) host.onDrop(error ? 'send-error' : 'send-queue-full');
        },
      });
      return new MessageUdpTunnel(socket);
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOPROTOOPT') return undefined;
      throw error;
    }
  }

  send({ endpoint }: HostHop, header: Uint8Array, inner: Uint8Array): void {
    this.#socket.send(endpoint.key, header, inner);
  }

  sendBatch({ endpoint }: HostHop, { bytes, size }: Batch): void {
    this.#socket.sendBatch(endpoint.key, bytes, size);
  }

  takeOverflow(): number {
    return this.#overflow.take();
  }

  async close(): Promise<void> {
    this.#socket.close();
  }
}
