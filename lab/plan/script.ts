import { formatCount } from '../topology/index.ts';
import type { Batch, LinkEnd, Plan } from './plan.ts';

/**
 * A plan as a shell script that a person can read, and run as root in a network namespace of their own
 * (`unshare -Urnm`, with a fresh /run): it builds the same network, and says what would be started in it.
 */
export function planScript(plan: Plan): string {
  const { topology, namespaces, nodes, clusterMap } = plan;
  return [
    '#!/bin/sh',
    `# Topology ${topology.name}, from ${topology.file}:`,
    `# ${[
      formatCount(topology.zones.length, 'zone'),
      formatCount(topology.routers.length, 'router'),
      formatCount(topology.hosts.length, 'host'),
      formatCount(topology.trunks.length, 'trunk'),
    ].join(', ')}.`,
    'set -e',
    '',
    '# Namespaces: one for each zone, router and host.',
    ...namespaces.map(({ name }) => `ip netns add ${name}`),
    '',
    '# Kernel settings, before any interface exists.',
    ...namespaces.flatMap(({ name, sysctls }) => [
      `ip netns exec ${name} sh -c '${Object.entries(sysctls)
        .map(([key, value]) => `echo ${value} > /proc/sys/${key}`)
        .join('; ')}'`,
    ]),
    ...wireScript(plan),
    ...plan.batches.flatMap(batchScript),
    '',
    '# Cluster map of the overlay:',
    ...comment(JSON.stringify(clusterMap, undefined, 2)),
    '',
    '# Programs, one for each line: host, role, configuration.',
    ...nodes.map(({ name, role, config }) => `# ${name} ${role} ${JSON.stringify(config)}`),
    '',
  ].join('\n');
}

/** Without the lab nothing carries frames between the ends of a wire: veth pairs have to do. */
function wireScript({ links }: Plan): string[] {
  const wires = links.filter(({ backend }) => backend === 'wire');
  if (wires.length === 0) return [];
  const end = ({ interface: name, node }: LinkEnd) => `name ${name} netns ${node}`;
  const lines = wires.map(({ a, b }) => `ip link add ${end(b)} type veth peer ${end(a)}`);
  return [
    '',
    '# Wires: castlab itself delays, drops and carries their frames. Veth pairs stand in for them here.',
    ...lines,
  ];
}

function batchScript({ namespace, tool, lines }: Batch): string[] {
  const where = namespace === undefined ? tool : `${tool} -n ${namespace}`;
  return ['', `${where} -batch - <<'EOF'`, ...lines, 'EOF'];
}

const comment = (text: string): string[] => text.split('\n').map((line) => `# ${line}`);
