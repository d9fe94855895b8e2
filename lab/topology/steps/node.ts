import * as z from 'zod';
import { reference } from '../fields.ts';

/** A step about one host: `{ node: t3 }`, or only `t3`. */
export const nodeOf = (what: string) =>
  z.union([
    z.string().transform((node) => ({ node })),
    z.strictObject({ node: reference.describe(`${what}. Example: t3`) }),
  ]);
