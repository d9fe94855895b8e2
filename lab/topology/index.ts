export { expandTopology } from './expand.ts';
export { readFurtherExpectations, readFurtherSteps, type Situation } from './further.ts';
export { formatAddress, macOf, parseAddress, parseSubnet } from './ipv4.ts';
export { directionName, type LinkDirection, linkDirections, linkName, smallestMtu } from './links.ts';
export { loadTopology } from './load.ts';
export { jsonSchema } from './schema.ts';
export type * from './topology.ts';
export { isSwitched, zonesBySwitch } from './trunks.ts';
export { formatCount, formatPercentage, formatRate, formatSize, formatTime } from './units.ts';
