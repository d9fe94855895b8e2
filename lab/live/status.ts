import type { LinkProperties, Role } from '../topology/index.ts';
import type { LinkCounters } from './interface-counters.ts';

export interface NodeStatus {
  name: string;
  zone: string;
  role: Role;
  address: string;
  /** `killed`: on purpose. */
  state: 'running' | 'paused' | 'killed' | 'ended' | 'no program';
}

export interface DirectionStatus extends LinkCounters {
  /** `a>b` */
  name: string;
  /** What it does by now. */
  properties: LinkProperties;
}

export interface LinkStatus {
  name: string;
  /** What it is made of. */
  backend: string;
  state: 'up' | 'down';
  directions: DirectionStatus[];
}

/** A living lab at one moment. */
export interface LabStatus {
  topology: string;
  file: string;
  /** ms since its nodes were ready. */
  up: number;
  nodes: NodeStatus[];
  links: LinkStatus[];
}
