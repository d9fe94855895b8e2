import type { Destination, Route } from '../overlay/socket.ts';
import type { Transfer } from '../replicast/effects.ts';
import { type DataStream, datagramCount, encodePiece, pieceLength, writePiece } from '../replicast/messages/data.ts';
import type { Clock } from './clock.ts';
import { MAX_BURST } from './constants.ts';
import { Pace } from './pace.ts';

export interface PacedSenderOptions {
  clock: Clock;
  /** Bytes on the wire per datagram beside its payload. */
  overhead: number;
  /** @throws RangeError when there is no way there */
  route(to: Destination, options: { flow: number; attempt: number; announce: boolean; solicited: boolean }): Route;
  /** All datagrams of a transfer have been sent, or could not be. */
  onTransferred(id: string, error?: Error): void;
}

interface Active {
  transfer: Transfer;
  pace: Pace;
  routes: Route[];
  /** Where in `transfer.parts` the next datagram is. */
  part: number;
  index: number;
}

/**
 * Sends whole chunks, each at its rate from its start. Reserved transfers share this host's link, so they go one after
 * the other in order of their start even when one is late; repairs without a reservation go beside them.
 */
export class PacedSender {
  readonly #options: PacedSenderOptions;
  readonly #reserved: Transfer[] = [];
  #current: Active | undefined;
  readonly #unsolicited = new Set<Active>();
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: PacedSenderOptions) {
    this.#options = options;
  }

  submit(transfer: Transfer): void {
    if (transfer.reserved) {
      this.#reserved.push(transfer);
      this.#reserved.sort((a, b) => a.start - b.start);
    } else {
      const active = this.#activate(transfer);
      if (active) this.#unsolicited.add(active);
    }
    this.#schedule();
  }

  /** Sends no more of a transfer. @returns whether there was any left to send; it is not told as ended */
  stop(id: string): boolean {
    const before = this.pending;
    const at = this.#reserved.findIndex((transfer) => transfer.id === id);
    if (at >= 0) this.#reserved.splice(at, 1);
    if (this.#current?.transfer.id === id) this.#current = undefined;
    for (const active of this.#unsolicited) if (active.transfer.id === id) this.#unsolicited.delete(active);
    this.#schedule();
    return this.pending < before;
  }

  /** Transfers that have not ended. */
  get pending(): number {
    return this.#reserved.length + this.#unsolicited.size + (this.#current ? 1 : 0);
  }

  /** Sends nothing more. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #run(): void {
    const now = this.#options.clock.now();
    if (this.#current) this.#send(this.#current, now);
    for (const active of this.#unsolicited) this.#send(active, now);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed) return;
    while (!this.#current && this.#reserved.length > 0) this.#current = this.#activate(this.#reserved.shift()!);
    let next = this.#current?.pace.next ?? Number.POSITIVE_INFINITY;
    // A transfer that starts earlier than the one that waits for its time goes first.
    const first = this.#reserved[0];
    if (first && this.#current && this.#untouched(this.#current) && first.start < this.#current.transfer.start) {
      this.#reserved[0] = this.#current.transfer;
      this.#current = this.#activate(first);
      next = this.#current?.pace.next ?? next;
    }
    for (const { pace } of this.#unsolicited) next = Math.min(next, pace.next);
    this.#cancel?.();
    this.#cancel = next === Number.POSITIVE_INFINITY ? undefined : this.#options.clock.wake(next, () => this.#run());
  }

  #untouched(active: Active): boolean {
    return active.part === 0 && active.index === 0;
  }

  /** Decides the routes. A transfer without a way ends at once. */
  #activate(transfer: Transfer): Active | undefined {
    const { flow, stream } = transfer;
    try {
      const parts = transfer.parts.filter(({ indices }) => indices.length > 0);
      const options = { flow, attempt: stream.attempt, announce: false, solicited: transfer.reserved };
      const routes = parts.map(({ to }) => this.#options.route(to, options));
      const pace = new Pace(transfer.start, transfer.rate);
      return { transfer: { ...transfer, parts }, pace, routes, part: 0, index: 0 };
    } catch (error) {
      this.#options.clock.wake(this.#options.clock.now(), () =>
        this.#options.onTransferred(transfer.id, error as Error),
      );
      return undefined;
    }
  }

  #send(active: Active, now: number): void {
    const { transfer, pace, routes } = active;
    const { chunk, datagram } = transfer.stream;
    const sizes = this.#upcoming(active).map(
      (index) => Math.min(datagram, chunk.length - index * datagram) + this.#options.overhead,
    );
    let due = pace.due(now, sizes);
    while (due > 0) {
      const { indices } = transfer.parts[active.part]!;
      const batch = indices.slice(active.index, active.index + due);
      sendPieces(routes[active.part]!, transfer.stream, batch);
      due -= batch.length;
      active.index += batch.length;
      if (active.index === indices.length) {
        active.part++;
        active.index = 0;
      }
    }
    if (active.part < transfer.parts.length) return;
    if (active === this.#current) this.#current = undefined;
    else this.#unsolicited.delete(active);
    this.#options.onTransferred(transfer.id);
  }

  /** Indices of the next datagrams, as many as may leave in one go. */
  #upcoming({ transfer, part, index }: Active): number[] {
    const upcoming: number[] = [];
    for (let at = part, from = index; at < transfer.parts.length && upcoming.length < MAX_BURST; at++, from = 0) {
      upcoming.push(...transfer.parts[at]!.indices.slice(from, from + MAX_BURST - upcoming.length));
    }
    return upcoming;
  }
}

function sendPieces(route: Route, stream: DataStream, indices: readonly number[]): void {
  // All pieces of a chunk are as long, but for the last.
  const last = datagramCount(stream.chunk.length, stream.datagram) - 1;
  const alike = indices.filter((index) => index !== last);
  if (route.sendMany && alike.length > 0) {
    route.sendMany(alike.length, pieceLength(stream, 0), (i, into, at) => writePiece(stream, alike[i]!, into, at));
  } else for (const index of alike) route.send(encodePiece(stream, index));
  if (alike.length < indices.length) route.send(encodePiece(stream, last));
}
