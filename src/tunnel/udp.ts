import type { Socket } from 'node:dgram';
import type { Batch, HostHop } from '../mrouter/index.ts';
import type { Endpoint } from '../overlay/index.ts';
import { type Bound, bindSocket } from './bind.ts';
import { SEND_QUEUE_LIMIT } from './constants.ts';
import { Overflow } from './overflow.ts';
import { datagramLength, type SegmentedSender } from './segments.ts';
import { Senders } from './senders.ts';
import { eachDatagram, type Tunnel, type TunnelHost } from './tunnel.ts';

/** One datagram of the overlay in one UDP datagram of the underlay, through `node:dgram`. */
export class UdpTunnel implements Tunnel<HostHop> {
  readonly name = 'udp';
  readonly #socket: Socket;
  readonly #segments: SegmentedSender | undefined;
  readonly #host: TunnelHost;
  readonly #sent = (error: Error | null) => {
    if (error) this.#failed(error);
  };
  readonly #failed = (error: Error) => {
    this.#segments?.failed(error);
    this.#host.onDrop('send-error');
  };

  readonly #overflow: Overflow;

  private constructor({ socket, segments, drops }: Bound, host: TunnelHost) {
    this.#socket = socket;
    this.#overflow = new Overflow(drops);
    this.#segments = segments;
    this.#host = host;
    const senders = new Senders();
    socket.on('message', (bytes, sender) => {
      const from = senders.key(sender);
      host.onReceive({ bytes, size: datagramLength(bytes), from, receivedAt: host.now(), tunnel: 'udp' });
    });
    // Errors of single datagrams come through #sent; this is one of the socket as such, and the next datagram may fare better.
    socket.on('error', () => host.onDrop('send-error'));
  }

  /**
   * Binds to an underlay address.
   * @param mtu bytes of an underlay packet: with it, datagrams that fill one are sent many at a time where the kernel can do that
   * @throws Error with the code of the system, such as EADDRINUSE or EADDRNOTAVAIL
   */
  static async open(endpoint: Endpoint, host: TunnelHost, mtu?: number): Promise<UdpTunnel> {
    return new UdpTunnel(await bindSocket(endpoint, { mtu }), host);
  }

  send({ endpoint }: HostHop, header: Uint8Array, inner: Uint8Array): void {
    if (this.#isFull() || this.#segments?.take(endpoint, header, inner, this.#failed)) return;
    this.#socket.send(Buffer.concat([header, inner]), endpoint.port, endpoint.address, this.#sent);
  }

  /**
   * Sends whole datagrams, headers included, with as few system calls as it takes.
   * @param lent the bytes may change as soon as the call returns
   */
  sendBatch({ endpoint }: HostHop, batch: Batch, lent: boolean): void {
    if (this.#isFull() || this.#segments?.takeBatch(endpoint, batch, lent, this.#failed)) return;
    eachDatagram(lent ? { ...batch, bytes: Buffer.from(batch.bytes) } : batch, (datagram) => {
      if (!this.#isFull()) this.#socket.send(datagram, endpoint.port, endpoint.address, this.#sent);
    });
  }

  takeOverflow(): number {
    return this.#overflow.take();
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #isFull(): boolean {
    if (this.#socket.getSendQueueCount() < SEND_QUEUE_LIMIT) return false;
    this.#host.onDrop('send-queue-full');
    return true;
  }
}
