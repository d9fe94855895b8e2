import { setFlagsFromString } from 'node:v8';

/**
 * Imported first by each program: the part of the heap for young objects stays as small as it begins, 1 MiB. V8 would let it grow to 16 MiB where
 * much is thrown away quickly, as here, and, once it is larger than what the old part may still grow by, collect the old part all the time:
 * one collection for three puts of 1 MiB in an initiator, 5 ms each. A small one fits the processor's cache besides.
 */
setFlagsFromString('--semi-space-growth-factor=1');
