import { DROP_REASONS, type DropReason } from '../overlay/index.ts';

/** What a router has done since its start. Numbers of datagrams, unless the name says otherwise. */
export class Counters {
  /** From the underlay, whatever became of them; without hellos. */
  received = 0;
  receivedBytes = 0;
  /** Handed in by local applications. */
  originated = 0;
  /** Copies given to the underlay, originated and relayed ones; without hellos. */
  transmitted = 0;
  transmittedBytes = 0;
  /** Copies of received datagrams among those. */
  relayed = 0;
  /** From the own zone's multicast, for others only. */
  overheard = 0;
  /** To local applications. */
  delivered = 0;
  hellosSent = 0;
  hellosReceived = 0;
  /** Connections to other zones that came up on this host, that ended, and those from hosts that were sent away. */
  connectionsMade = 0;
  connectionsLost = 0;
  connectionsRefused = 0;
  /** Forwarding decisions that had to be computed, because none was remembered. */
  decisions = 0;
  readonly dropped: Record<DropReason, number> = Object.fromEntries(
    DROP_REASONS.map((reason) => [reason, 0]),
  ) as Record<DropReason, number>;
}
