import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import type { HostHop } from '../mrouter/index.ts';
import { type Endpoint, endpointKey, parseIpv4 } from '../overlay/index.ts';
import { HEADER_SLOT_BYTES, SEND_QUEUE_LIMIT, SOCKET_BUFFER_BYTES } from './constants.ts';
import { HeaderRing } from './header-ring.ts';
import { type Batch, eachDatagram, type Tunnel, type TunnelHost } from './tunnel.ts';

/**
 * Hops are IPv4 addresses: nothing to resolve. `node:dgram` would otherwise put off every datagram to the next turn of the event loop
 * just to learn that.
 */
const noLookup: SocketOptions['lookup'] = (address, _options, callback) => callback(null, address, 4);

/** One datagram of the overlay in one UDP datagram of the underlay, through `node:dgram`. */
export class UdpTunnel implements Tunnel<HostHop> {
  readonly name = 'udp';
  readonly #socket: Socket;
  readonly #host: TunnelHost;
  readonly #headers = new HeaderRing(SEND_QUEUE_LIMIT + 1, HEADER_SLOT_BYTES);
  readonly #sent = (error: Error | null) => {
    if (error) this.#host.onDrop('send-error');
  };

  private constructor(socket: Socket, host: TunnelHost) {
    this.#socket = socket;
    this.#host = host;
    socket.on('message', (bytes, { address, port }) => {
      const from = endpointKey(parseIpv4(address)!, port);
      host.onReceive({ bytes, size: bytes.length, from, receivedAt: host.now(), tunnel: 'udp' });
    });
    // Errors of single datagrams come through #sent; this is one of the socket as such, and the next datagram may fare better.
    socket.on('error', () => host.onDrop('send-error'));
  }

  /**
   * Binds to an underlay address.
   * @throws Error with the code of the system, such as EADDRINUSE or EADDRNOTAVAIL
   */
  static async open({ address, port }: Endpoint, host: TunnelHost): Promise<UdpTunnel> {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: SOCKET_BUFFER_BYTES,
      sendBufferSize: SOCKET_BUFFER_BYTES,
      lookup: noLookup,
    });
    const bound = once(socket, 'listening');
    socket.bind({ address, port, exclusive: true });
    try {
      await bound;
    } catch (error) {
      socket.close();
      throw error;
    }
    return new UdpTunnel(socket, host);
  }

  send({ endpoint }: HostHop, header: Uint8Array, inner: Uint8Array): void {
    if (this.#isFull()) return;
    this.#socket.send([this.#headers.keep(header), inner], endpoint.port, endpoint.address, this.#sent);
  }

  sendBatch({ endpoint }: HostHop, batch: Batch): void {
    eachDatagram(batch, (datagram) => {
      if (!this.#isFull()) this.#socket.send(Buffer.from(datagram), endpoint.port, endpoint.address, this.#sent);
    });
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
