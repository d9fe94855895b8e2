import { formatPercentage, formatTime, type LinkProperties } from '../topology/index.ts';
import { NETEM_LIMIT, NETEM_ORDERING_RATE } from './constants.ts';

/** Whether frames that are delayed by different times may overtake each other. */
export const mayOvertake = ({ jitter, jitterReorder }: LinkProperties): boolean =>
  jitter !== undefined && jitterReorder === true;

/**
 * What netem adds to a link, as tc writes it: `netem limit … delay … loss …`; `undefined` where it has nothing to do. Rate and queue are not
 * netem's: it counts a queue in packets, and those that are under way count too. tc-netem(8)
 */
export function netem(properties: LinkProperties): string | undefined {
  const { delay, jitter, loss, duplicate, reorder, corrupt } = properties;
  if ([delay, jitter, loss, duplicate, reorder, corrupt].every((value) => value === undefined)) return undefined;
  const share = (name: string, value: number | undefined) =>
    value === undefined ? [] : [`${name} ${formatPercentage(value)}`];
  return [
    `netem limit ${NETEM_LIMIT}`,
    ...(delay === undefined && jitter === undefined ? [] : [`delay ${formatTime(delay ?? 0)}`]),
    ...(jitter === undefined ? [] : [formatTime(jitter)]),
    ...share('loss', loss),
    ...share('duplicate', duplicate),
    ...share('reorder', reorder),
    // A change leaves corruption as it is unless it is named (netem_change in net/sched/sch_netem.c).
    `corrupt ${formatPercentage(corrupt ?? 0)}`,
    // With a rate, netem counts each delay from the frame before, so that none overtakes (netem_enqueue).
    ...(jitter !== undefined && !mayOvertake(properties) ? [`rate ${NETEM_ORDERING_RATE}`] : []),
  ].join(' ');
}
