import { connect, type Socket } from 'node:net';
import type { Transport } from './transport.ts';

/** Datagrams over TCP: no more than the underlay's own word for who is at the other end. */
export const tcpTransport: Transport = {
  kind: 'tcp',

  dial(peer, self, timeout) {
    const { address, port } = peer.endpoint;
    return opened(connect({ host: address, port, localAddress: self.address }), 'connect', timeout);
  },

  async accept(socket) {
    return socket;
  },
};

/**
 * Waits until a socket says that it is open.
 * @throws Error with the reason, the socket being closed, when it fails first or takes longer than `timeout` ms
 */
export function opened<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', timeout: number): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error(`not open after ${timeout} ms`)), timeout);
    socket.once(event, () => {
      clearTimeout(timer);
      resolve(socket);
    });
    // Stays, so that an error after this does not end the process; whoever uses the socket hears of its close.
    socket.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('closed by the other end'));
    });
  });
}
