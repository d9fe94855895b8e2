import type { Path } from '../document/index.ts';

/** Something wrong with the meaning of a cluster map, and where in the file. */
export interface Complaint {
  path: Path;
  message: string;
  onKey?: boolean;
}

/** Notes a complaint. */
export type Complain = (path: Path, message: string, onKey?: boolean) => void;
