import {
  AddressTexts,
  INNER_SOURCE_OFFSET,
  type InnerView,
  PROTOCOL_UDP,
  type ReceivedDatagram,
} from '../overlay/index.ts';
import { monotonicNow } from './clock.ts';

export type DatagramHandler = (datagram: ReceivedDatagram) => void;

/** Takes datagrams, and that is all. */
export const ignore: DatagramHandler = () => {};

/** Told of each datagram that an application gets: overlay address of its sender, bytes of payload, and when it came, ms. */
export type DeliveryObserver = (inner: Uint8Array, from: string, bytes: number, time: number) => void;

/** The applications of one host: those that listen on an inner UDP port, and the programs behind its gateway. */
export class Applications {
  /** When the datagrams arrived that are being received, ms. */
  receivedAt = 0;
  /** Takes what is for no port that somebody listens on. */
  gateway: { deliver(inner: Uint8Array): boolean } | undefined;
  readonly #handlers = new Map<number, DatagramHandler>();
  readonly #observe: DeliveryObserver | undefined;
  readonly #texts = new AddressTexts();
  /** Whether an application is handing in a datagram: what is for itself then waits until it is done. */
  #sending = false;

  constructor(observe?: DeliveryObserver) {
    this.#observe = observe;
  }

  /** In place of whoever listened on that port before. */
  listen(port: number, handler: DatagramHandler): void {
    this.#handlers.set(port, handler);
  }

  /** Lets an application send. */
  handIn(send: () => void): void {
    this.#sending = true;
    try {
      send();
    } finally {
      this.#sending = false;
    }
  }

  /** Gives an inner packet to whom it is for. @returns whether there is anybody */
  deliver(inner: Uint8Array, view: InnerView): boolean {
    const handler = view.protocol === PROTOCOL_UDP ? this.#handlers.get(view.destinationPort) : undefined;
    if (!handler && !this.gateway?.deliver(inner)) return false;
    if (handler === ignore && !this.#observe) return true;
    const receivedAt = this.#sending ? monotonicNow() : this.receivedAt;
    const source = this.#texts.of(inner, INNER_SOURCE_OFFSET);
    const payload = inner.subarray(view.payloadStart, view.payloadEnd);
    this.#observe?.(inner, source, payload.length, receivedAt);
    if (!handler) return true;
    const datagram = { source, payload, receivedAt };
    if (this.#sending) queueMicrotask(() => handler(datagram));
    else handler(datagram);
    return true;
  }
}
