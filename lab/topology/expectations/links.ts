import * as z from 'zod';
import { reference } from '../fields.ts';

/** Which link directions an expectation counts on. */
export const linkSelection = z
  .union([
    z.enum(['trunks', 'edges', 'all']),
    z.array(reference).min(1, 'name at least one link, such as hub--east, or direction, such as hub>east'),
  ])
  .default('trunks')
  .describe(
    'Which links: trunks, edges, all, or a list of links and directions. Example: trunks or [hub>east, west--core]',
  );
