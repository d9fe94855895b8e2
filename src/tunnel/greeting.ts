import type { Socket } from 'node:net';
import { Deframer, decodeRedirect } from './framing.ts';

/** How a connection begins, for the one who dialled. */
export type Greeting =
  /** The other end owns the connection. What has come so far, and the rest of an unfinished frame in the deframer. */
  | { kind: 'welcome'; datagrams: readonly Buffer[]; deframer: Deframer }
  /** Another host does, at this address. */
  | { kind: 'redirect'; owner: string };

/**
 * Waits for the first word of the other end: only then is the connection up, because under TLS 1.3 a dialler that is refused finds out
 * after its own handshake is done.
 * @throws Error when the socket closes first, or after `timeout` ms; then it is closed
 */
export function readGreeting(socket: Socket, timeout: number): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const deframer = new Deframer();
    const datagrams: Buffer[] = [];
    const timer = setTimeout(() => socket.destroy(), timeout);
    const onData = (chunk: Buffer) => {
      deframer.push(chunk, (datagram) => datagrams.push(datagram));
      const [first] = datagrams;
      if (!first) return;
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('close', onClose);
      socket.pause();
      const owner = decodeRedirect(first);
      resolve(owner === undefined ? { kind: 'welcome', datagrams, deframer } : { kind: 'redirect', owner });
    };
    const onClose = () => {
      clearTimeout(timer);
      reject(new Error('hung up without a greeting'));
    };
    socket.on('data', onData);
    socket.once('close', onClose);
    // It may have closed while the promise of its opening was on its way here.
    if (socket.destroyed) onClose();
  });
}
