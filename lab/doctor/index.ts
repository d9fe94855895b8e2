export { describe } from './describe.ts';
export { type Check, type Diagnosis, examine } from './examine.ts';
export type { Facts, Shipped } from './facts.ts';
export { probe } from './probe.ts';
