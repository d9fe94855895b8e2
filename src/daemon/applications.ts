import type { Batch } from '../mrouter/index.ts';
import {
  addressText,
  INNER_SOURCE_OFFSET,
  type InnerView,
  PROTOCOL_UDP,
  type ReceivedDatagram,
  type ReceivedDatagrams,
} from '../overlay/index.ts';
import { monotonicNow } from './clock.ts';

export type DatagramHandler = (datagram: ReceivedDatagram) => void;
export type DatagramsHandler = (datagrams: ReceivedDatagrams) => void;

interface Listener {
  handler: DatagramHandler;
  together: DatagramsHandler | undefined;
}

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
  readonly #listeners = new Map<number, Listener>();
  readonly #observe: DeliveryObserver | undefined;
  /** Whether an application is handing in a datagram: what is for itself then waits until it is done. */
  #sending = false;

  constructor(observe?: DeliveryObserver) {
    this.#observe = observe;
  }

  /** In place of whoever listened on that port before. @param together see `OverlaySocket.onDatagram` */
  listen(port: number, handler: DatagramHandler, together?: DatagramsHandler): void {
    this.#listeners.set(port, { handler, together });
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
    const handler = this.#listener(view)?.handler;
    if (!handler && !this.gateway?.deliver(inner)) return false;
    if (handler === ignore && !this.#observe) return true;
    const receivedAt = this.#sending ? monotonicNow() : this.receivedAt;
    const source = addressText(inner, INNER_SOURCE_OFFSET);
    const payload = inner.subarray(view.payloadStart, view.payloadEnd);
    this.#observe?.(inner, source, payload.length, receivedAt);
    if (!handler) return true;
    const datagram = { source, payload, receivedAt };
    if (this.#sending) queueMicrotask(() => handler(datagram));
    else handler(datagram);
    return true;
  }

  /** The same for packets that are alike, one in each datagram of a batch after its header. @returns false where each has to be given by itself */
  deliverBatch({ bytes, size }: Batch, headerBytes: number, view: InnerView): boolean {
    const together = this.#listener(view)?.together;
    if (!together || this.#observe) return false;
    const start = headerBytes + view.payloadStart;
    const end = headerBytes + view.payloadEnd;
    const source = addressText(bytes, headerBytes + INNER_SOURCE_OFFSET);
    together({ source, payloads: { bytes, step: size, start, end }, receivedAt: this.receivedAt });
    return true;
  }

  #listener(view: InnerView): Listener | undefined {
    return view.protocol === PROTOCOL_UDP ? this.#listeners.get(view.destinationPort) : undefined;
  }
}
