import type { Socket } from 'node:net';
import type { Endpoint, Target } from '../overlay/index.ts';

/** How the bytes of a connection travel: in the clear, or encrypted between two who have proved who they are. */
export interface Transport {
  readonly kind: 'tcp' | 'tls';
  /**
   * Connects to a member of another zone.
   * @param self where this host is on the underlay: the other end goes by that
   * @param timeout ms
   * @throws Error with the reason
   */
  dial(peer: Target, self: Endpoint, timeout: number): Promise<Socket>;
  /**
   * Makes a fresh connection from a member of another zone usable.
   * @throws Error with the reason why it must not be used; then it is closed
   */
  accept(socket: Socket, peer: Target, timeout: number): Promise<Socket>;
}
