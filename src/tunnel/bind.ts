import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import type { Instruction } from '../kernel/libc.ts';
import { type Endpoint, IPV4_HEADER_BYTES, parseIpv4, UDP_HEADER_BYTES } from '../overlay/index.ts';
import { SOCKET_BUFFER_BYTES } from './constants.ts';
import { SegmentedSender } from './segments.ts';

/**
 * Hops are IPv4 addresses: nothing to resolve. `node:dgram` would otherwise put off every datagram to the next turn of the event loop
 * just to learn that.
 */
const noLookup: SocketOptions['lookup'] = (address, _options, callback) => callback(null, address, 4);

export interface BindOptions {
  /** Whether other sockets may bind to the same address and port. */
  shared?: boolean;
  /** Bytes of an underlay packet at most: datagrams that fill one travel many at a time through the kernel, where it can do that. */
  mtu?: number | undefined;
}

/** A bound socket. */
export interface Bound {
  socket: Socket;
  /** Takes what can leave together; absent where the kernel or the platform cannot do it. */
  segments?: SegmentedSender | undefined;
  /** What came so far when there was no room for it; absent where nobody can tell. */
  drops?: (() => number) | undefined;
  /** Has the kernel leave out what a program does not let through; absent where it cannot. */
  filter?: ((program: readonly Instruction[]) => void) | undefined;
}

/**
 * Binds a UDP socket to an address of the underlay.
 * @throws Error with the code of the system, such as EADDRINUSE or EADDRNOTAVAIL
 */
export async function bindSocket(endpoint: Endpoint, { shared = false, mtu }: BindOptions = {}): Promise<Bound> {
  const { address, port } = endpoint;
  const many = mtu === undefined ? undefined : await openMany(endpoint, shared, mtu);
  const socket = createSocket({
    type: 'udp4',
    reuseAddr: shared,
    recvBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
    lookup: noLookup,
  });
  const bound = once(socket, 'listening');
  if (many) socket.bind({ fd: many.fd });
  else socket.bind({ address, port, exclusive: true });
  try {
    await bound;
  } catch (error) {
    socket.close();
    throw error;
  }
  return { socket, segments: many && new SegmentedSender(socket, many), drops: many?.drops, filter: many?.filter };
}

/** A socket for many datagrams at a time; `undefined` where there is none, so that an ordinary one has to do. */
async function openMany({ address, port }: Endpoint, shared: boolean, mtu: number) {
  const kernel = await import('../kernel/udp-socket.ts').catch(() => undefined);
  const segment = mtu - IPV4_HEADER_BYTES - UDP_HEADER_BYTES;
  try {
    return kernel?.openUdpSocket({ address: parseIpv4(address)!, port, shared, segment });
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOPROTOOPT') return undefined;
    throw error;
  }
}
