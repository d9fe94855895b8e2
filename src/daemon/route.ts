import type { EnvelopeOptions, Outbound, Router } from '../mrouter/index.ts';
import type { Destination, Route, WritePayload } from '../overlay/index.ts';
import type { Applications } from './applications.ts';
import { monotonicNow } from './clock.ts';

/** A destination on one host's router, for an application of this host. */
export class NodeRoute implements Route {
  readonly #router: Router;
  readonly #applications: Applications;
  readonly #outbound: Outbound;

  /** @throws RangeError when the destination is unknown, or nothing would fit an underlay packet */
  constructor(router: Router, applications: Applications, destination: Destination, options: EnvelopeOptions) {
    this.#router = router;
    this.#applications = applications;
    this.#outbound = router.route(destination, options, monotonicNow());
  }

  get maxPayload(): number {
    return this.#outbound.maxPayload;
  }

  send(payload: Uint8Array): void {
    this.#applications.handIn(() => this.#router.send(this.#outbound, payload, monotonicNow()));
  }

  sendMany(count: number, length: number, write: WritePayload): void {
    this.#applications.handIn(() => this.#router.sendMany(this.#outbound, count, length, write, monotonicNow()));
  }
}
