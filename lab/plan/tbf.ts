import type { LinkProperties } from '../topology/index.ts';
import {
  DEFAULT_MTU,
  DEFAULT_QUEUE_TIME,
  frameBytes,
  MIN_QUEUE_FRAMES,
  TBF_BURST_FRAMES,
  TBF_BURST_TIME,
} from './constants.ts';

/** The token bucket for a link: its rate in bit/s, what it may send at once and what may wait, in bytes; `undefined` without a rate. */
export function tokenBucket(properties: LinkProperties): { rate: number; burst: number; limit: number } | undefined {
  const { rate, queue, mtu = DEFAULT_MTU } = properties;
  if (rate === undefined) return undefined;
  const bytesIn = (ms: number) => Math.ceil((rate / 8) * (ms / 1000));
  const burst = Math.max(TBF_BURST_FRAMES * frameBytes(mtu), bytesIn(TBF_BURST_TIME));
  const limit = queue ?? Math.max(MIN_QUEUE_FRAMES * frameBytes(mtu), bytesIn(DEFAULT_QUEUE_TIME));
  return { rate, burst, limit };
}

/** The same as tc writes it: `tbf rate … burst … limit …`; `undefined` without a rate. tc-tbf(8) */
export function tbf(properties: LinkProperties): string | undefined {
  const bucket = tokenBucket(properties);
  return bucket && `tbf rate ${bucket.rate}bit burst ${bucket.burst} limit ${bucket.limit}`;
}
