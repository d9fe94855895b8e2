import { INITIAL_TTL, patchHeader } from '../bier/index.ts';
import {
  type Destination,
  encodeInner,
  encodeInnerHeaders,
  innerOverhead,
  type WritePayload,
  withAnnounce,
  writeInnerChecksum,
} from '../overlay/index.ts';
import type { RouterCore } from './core.ts';
import { resolveDestination } from './destination.ts';
import { type Envelope, type EnvelopeOptions, makeOutbound, type Outbound } from './outbound.ts';
import type { Hop, Origin } from './sink.ts';
import { wayTo } from './ways.ts';

/** The part of a router that sends what applications of its host hand in. */
export class Originator {
  readonly #core: RouterCore;
  readonly #mtu: number;
  /** For the packet at hand: whoever sends it has copied it by then. */
  readonly #space: Uint8Array;
  /** The same for many packets. */
  #manySpace: Uint8Array = new Uint8Array(0);

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
    checkLength(outbound, payload.length);
    for (const envelope of outbound.envelopes) {
      const { fields } = envelope;
      const inner = this.#space.subarray(0, encodeInner(this.#space, fields, payload));
      this.#originate(outbound, envelope, inner, payload.length);
    }
  }

  /** See `Router.sendMany`. */
  sendMany(outbound: Outbound, count: number, length: number, write: WritePayload, now: number): void {
    this.#refresh(outbound, now);
    checkLength(outbound, length);
    for (const envelope of outbound.envelopes) {
      const { header, fields } = envelope;
      const inner = header.length;
      const start = inner + innerOverhead(fields.announce !== undefined);
      const size = start + length;
      if (this.#manySpace.length < count * size) this.#manySpace = Buffer.allocUnsafeSlow(count * size);
      const bytes = this.#manySpace.subarray(0, count * size);
      const sum = encodeInnerHeaders(bytes, inner, fields, length);
      for (let i = 0; i < count; i++) {
        const at = i * size;
        if (i > 0) bytes.copyWithin(at + inner, inner, start);
        write(i, bytes, at + start);
        writeInnerChecksum(bytes, sum, at + start, at + size);
      }
      this.#originateAll(outbound, envelope, bytes, size, length);
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

  #originate(outbound: Outbound, envelope: Envelope, inner: Uint8Array, bytes: number): void {
    const core = this.#core;
    core.counters.originated++;
    core.sink.sent?.(inner, originOf(outbound, envelope, bytes));
    const own = this.#leave(outbound, envelope, (hop) => core.transmit(hop, envelope.header, inner));
    // An application may keep what it gets.
    if (own) core.deliverOwn(Uint8Array.from(inner));
  }

  /**
   * The same for datagrams of `size` bytes that lie one after another, with room for the header before each inner packet.
   * @param length bytes of each payload
   */
  #originateAll(outbound: Outbound, envelope: Envelope, bytes: Uint8Array, size: number, length: number): void {
    const core = this.#core;
    const { header } = envelope;
    core.counters.originated += bytes.length / size;
    for (let at = 0; core.sink.sent && at < bytes.length; at += size) {
      core.sink.sent(bytes.subarray(at + header.length, at + size), originOf(outbound, envelope, length));
    }
    const own = this.#leave(outbound, envelope, (hop) => {
      for (let at = 0; at < bytes.length; at += size) bytes.set(header, at);
      core.transmitAll(hop, bytes, size, header.length, true);
    });
    for (let at = 0; own && at < bytes.length; at += size) {
      core.deliverOwn(Uint8Array.from(bytes.subarray(at + header.length, at + size)));
    }
  }

  /** Calls `send` for each way that an envelope leaves by, its header as it is for that way. @returns whether it is for this host too */
  #leave({ view }: Outbound, envelope: Envelope, send: (hop: Hop) => void): boolean {
    const { part, header, fields } = envelope;
    const core = this.#core;
    if (part.initiator) {
      send(wayTo(view, part.initiator.endpoint, core.isLive));
      return false;
    }
    if (!envelope.decision || envelope.epoch !== core.epoch) {
      envelope.decision = core.decisions.make(view, part.bift, part.bits, fields.flowLabel, undefined);
      envelope.epoch = core.epoch;
    }
    const { sends, own } = envelope.decision;
    for (const { hop, bits } of sends) {
      patchHeader(header, INITIAL_TTL, bits);
      send(hop);
    }
    return own;
  }
}

/** @param bytes of payload */
function originOf({ options }: Outbound, { part }: Envelope, bytes: number): Origin {
  return { to: part.to, group: part.group, attempt: options.attempt, bytes };
}

/** @throws RangeError when a payload of so many bytes is too long */
function checkLength({ maxPayload }: Outbound, bytes: number): void {
  if (bytes > maxPayload) throw new RangeError(`a payload of ${bytes} bytes is too long: at most ${maxPayload}`);
}
