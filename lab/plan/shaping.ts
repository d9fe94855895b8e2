import type { LinkProperties } from '../topology/index.ts';
import { mayOvertake, netem } from './netem.ts';
import type { Backend } from './plan.ts';
import { tbf } from './tbf.ts';

/**
 * The tc lines by which the egress of an interface comes to do what `after` says, where it did what `before` says ({}: nothing).
 * What waits or is under way stays, as far as tc can change in place. A wire is no matter of tc.
 *
 * netem stands before the token bucket: a frame is lost or delayed on its way, then waits for the rate, in a queue that counts bytes.
 */
export function shapingLines(
  device: string,
  before: LinkProperties,
  after: LinkProperties,
  backend: Backend,
): string[] {
  if (backend === 'wire') return [];
  const replace = (where: string, what: string) => `qdisc replace dev ${device} ${where} ${what}`;
  const remove = (where: string) => `qdisc del dev ${device} ${where}`;
  const [emulated, emulatedBefore] = backend === 'netem' ? [netem(after), netem(before)] : [];
  const [limited, limitedBefore] = [tbf(after), tbf(before)];
  if (emulated === undefined) {
    if (limited !== undefined) return [replace('root', limited)];
    return limitedBefore !== undefined || emulatedBefore !== undefined ? [remove('root')] : [];
  }
  // A change cannot take netem's rate back, and with it goes the order.
  const anew = emulatedBefore !== undefined && mayOvertake(after) && !mayOvertake(before);
  const child = limited !== undefined ? [replace('parent 1:1 handle 10:', limited)] : [];
  const noChild = emulatedBefore !== undefined && !anew && limitedBefore !== undefined && limited === undefined;
  return [
    ...(anew ? [remove('root')] : []),
    replace('root handle 1:', emulated),
    ...child,
    ...(noChild ? [remove('parent 1:1')] : []),
  ];
}
