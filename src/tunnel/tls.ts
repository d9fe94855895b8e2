import type { Socket } from 'node:net';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  createServer,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';
import type { Target } from '../overlay/index.ts';
import { opened } from './tcp.ts';
import type { Transport } from './transport.ts';

/** PEM texts: this host's private key, its certificate (chain), and the authorities whose certificates count. */
export interface Credentials {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly ca: Buffer;
}

/** Both ends use nothing older. */
const MIN_VERSION = 'TLSv1.3';

/**
 * Datagrams over TLS with mutual authentication: each end shows a certificate that one of the other's authorities has signed and that names
 * its host, by name or by underlay address.
 */
export class TlsTransport implements Transport {
  readonly kind = 'tls';
  readonly #credentials: Credentials;

  /** @throws Error when the texts are no key, no certificate, or do not belong together */
  constructor(credentials: Credentials) {
    createSecureContext({ ...credentials, minVersion: MIN_VERSION });
    this.#credentials = credentials;
  }

  dial(peer: Target, { address: localAddress }: { address: string }, timeout: number): Promise<Socket> {
    const { address: host, port } = peer.endpoint;
    const options = {
      ...this.#credentials,
      minVersion: MIN_VERSION,
      host,
      port,
      localAddress,
      checkServerIdentity: (_host: string, certificate: PeerCertificate) => identityProblem(peer, certificate),
    } as const;
    return opened(connect(options), 'secureConnect', timeout);
  }

  accept(socket: Socket, peer: Target, timeout: number): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const refuse = (reason: Error) => {
        socket.destroy();
        reject(reason);
      };
      // Whoever cannot prove who he is gets through the handshake, no further: only so is there a reason to tell.
      const server = createServer({
        ...this.#credentials,
        minVersion: MIN_VERSION,
        requestCert: true,
        rejectUnauthorized: false,
        handshakeTimeout: timeout,
      });
      server.once('tlsClientError', (error) => refuse(error));
      server.once('secureConnection', (secure: TLSSocket) => {
        secure.on('error', () => secure.destroy());
        const problem = secure.authorized
          ? identityProblem(peer, secure.getPeerCertificate())
          : (secure.authorizationError ?? new Error('no certificate'));
        if (!problem) resolve(secure);
        else {
          secure.destroy();
          refuse(problem instanceof Error ? problem : new Error(String(problem)));
        }
      });
      server.emit('connection', socket);
    });
  }
}

/** Why a certificate is not that of a target; its chain is another matter. */
function identityProblem(peer: Target, certificate: PeerCertificate): Error | undefined {
  const problem = checkServerIdentity(peer.name, certificate);
  if (!problem || !checkServerIdentity(peer.endpoint.address, certificate)) return undefined;
  return new Error(`the certificate names neither ${peer.name} nor ${peer.endpoint.address}`);
}
