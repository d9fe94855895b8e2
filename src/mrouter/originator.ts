import { INITIAL_TTL, patchHeader } from '../bier/index.ts';
import { type Destination, encodeInner, withAnnounce } from '../overlay/index.ts';
import type { RouterCore } from './core.ts';
import { resolveDestination } from './destination.ts';
import { type Envelope, type EnvelopeOptions, makeOutbound, type Outbound } from './outbound.ts';
import { wayTo } from './ways.ts';

/** The part of a router that sends what applications of its host hand in. */
export class Originator {
  readonly #core: RouterCore;
  readonly #mtu: number;
  /** For the packet at hand: whoever sends it has copied it by then. */
  readonly #space: Uint8Array;

  /** @param mtu bytes of an underlay IP packet */
  constructor(core: RouterCore, mtu: number) {
    this.#core = core;
    this.#mtu = mtu;
    this.#space = Buffer.allocUnsafeSlow(mtu);
  }

  /** See `Router.route`. */
  route(destination: Destination, options: EnvelopeOptions, now: number): Outbound {
    const view = this.#core.maps.current;
    const parts = resolveDestination(view, destination, (address) => this.#core.learned.find(address, now));
    const outbound = makeOutbound(view, this.#core.self, this.#mtu, destination, parts, options);
    if (outbound.maxPayload > 0) return outbound;
    throw new RangeError(`an underlay packet of ${this.#mtu} bytes has no room for a payload`);
  }

  /** See `Router.send`. */
  send(outbound: Outbound, payload: Uint8Array, now: number): void {
    this.#refresh(outbound, now);
    const { maxPayload } = outbound;
    if (payload.length > maxPayload) {
      throw new RangeError(`a payload of ${payload.length} bytes is too long: at most ${maxPayload}`);
    }
    for (const envelope of outbound.envelopes) {
      const { fields } = envelope;
      const inner = this.#space.subarray(0, encodeInner(this.#space, fields, payload));
      this.#originate(outbound, envelope, inner, payload.length);
    }
  }

  /** See `Router.sendPacket`. */
  sendPacket(outbound: Outbound, packet: Uint8Array, bytes: number, now: number): void {
    this.#refresh(outbound, now);
    if (packet.length > outbound.maxPacket) {
      throw new RangeError(`a packet of ${packet.length} bytes is too long: at most ${outbound.maxPacket}`);
    }
    // The members that one address names are all in one set.
    const envelope = outbound.envelopes[0]!;
    const { announce } = envelope.fields;
    this.#originate(outbound, envelope, announce ? withAnnounce(packet, announce) : packet, bytes);
  }

  /** Looks the destination up again if the map is another one now. @throws RangeError when it is no longer there */
  #refresh(outbound: Outbound, now: number): void {
    if (outbound.view === this.#core.maps.current) return;
    Object.assign(outbound, this.route(outbound.destination, outbound.options, now));
  }

  #originate({ view, options }: Outbound, envelope: Envelope, inner: Uint8Array, bytes: number): void {
    const { part, header, fields } = envelope;
    this.#core.counters.originated++;
    this.#core.sink.sent?.(inner, { to: part.to, group: part.group, attempt: options.attempt, bytes });
    if (part.initiator) {
      this.#core.transmit(wayTo(view, part.initiator.endpoint, this.#core.isLive), header, inner);
      return;
    }
    if (!envelope.decision || envelope.epoch !== this.#core.epoch) {
      envelope.decision = this.#core.decisions.make(view, part.bift, part.bits, fields.flowLabel, undefined);
      envelope.epoch = this.#core.epoch;
    }
    const { sends, own } = envelope.decision;
    for (const { hop, bits } of sends) {
      patchHeader(header, INITIAL_TTL, bits);
      this.#core.transmit(hop, header, inner);
    }
    // An application may keep what it gets.
    if (own) this.#core.deliverOwn(Uint8Array.from(inner));
  }
}
