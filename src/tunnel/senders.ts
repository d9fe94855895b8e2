import type { RemoteInfo } from 'node:dgram';
import { endpointKey, parseIpv4 } from '../overlay/index.ts';

/** Tells who sent a datagram, see `endpointKey`. Most come from where the one before came from. */
export class Senders {
  #text = '';
  #address = 0;

  key({ address, port }: RemoteInfo): number {
    if (address !== this.#text) {
      this.#text = address;
      this.#address = parseIpv4(address)!;
    }
    return endpointKey(this.#address, port);
  }
}
