import type { GetFailure, PutFailure } from '../replicast/index.ts';

/** A chunk does not have the replicas that were asked for; `failure` says what is stored where. */
export class PutError extends Error {
  override name = 'PutError';
  readonly failure: PutFailure;

  constructor(failure: PutFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A chunk was not found, or not intact; `failure` says who was asked. */
export class GetError extends Error {
  override name = 'GetError';
  readonly failure: GetFailure;

  constructor(failure: GetFailure) {
    super(failure.message);
    this.failure = failure;
  }
}
