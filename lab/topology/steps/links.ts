import * as z from 'zod';
import { reference } from '../fields.ts';

/** One link or a list of links, by name. */
export const linkNames = z.union([reference, z.array(reference).min(1, 'name at least one link, such as hub--core')]);

/** One name alone, several as a list. */
export const writeNames = (names: readonly string[]): string | string[] =>
  names.length === 1 ? names[0]! : [...names];
