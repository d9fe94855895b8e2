import { Document, isCollection, isPair, isScalar, visit } from 'yaml';
import type * as z from 'zod';
import { expectationKinds } from './expectations/index.ts';
import type { ExpectationKind } from './expectations/kind.ts';
import { writeRule } from './rules.ts';
import type { topologyFile } from './schema.ts';
import { stepKinds } from './steps/index.ts';
import type { StepKind } from './steps/kind.ts';
import type {
  Expectation,
  FrameRule,
  Host,
  LinkProperties,
  ReplicastOptions,
  Step,
  Topology,
  Trunk,
} from './topology.ts';
import { formatPercentage, formatRate, formatSize, formatTime } from './units.ts';

type Declared = z.input<typeof topologyFile>;

/** Collections deeper than this are written on one line, but for the hosts of a zone: one line each. */
const BLOCK_DEPTH = 2;

/** A topology as YAML that says everything: shapes generated, defaults at each link. Loading it gives the same topology. */
export function expandTopology(topology: Topology): string {
  const { zones, routers, hosts, trunks, overlay, observe, scenario, expect } = topology;
  const declared: Declared = {
    name: topology.name,
    zones: Object.fromEntries(
      zones.map(({ name, subnet, switches, native }) => {
        const members = hosts.filter((host) => host.zone === name);
        const at = (name: string) => members.filter((host) => host.switch === name).map((host) => host.name);
        const several = switches[0] !== name && { switches: Object.fromEntries(switches.map((s) => [s, at(s)])) };
        return [
          name,
          {
            subnet,
            ...several,
            ...(native && { native }),
            hosts: Object.fromEntries(members.map((host) => [host.name, writeHost(host)])),
          },
        ];
      }),
    ),
    routers: routers.map(({ name }) => name),
    trunks: trunks.map(writeTrunk),
    overlay: {
      groups: overlay.groups,
      vias: overlay.vias,
      tunnel: overlay.tunnel,
      tunnels: overlay.tunnels.map((tunnel) => ({ ...tunnel, queue: formatSize(tunnel.queue) })),
      port: overlay.port,
      relay: overlay.relay,
      'chunk-size': formatSize(overlay.chunkSize),
      capacity: formatRate(overlay.capacity),
      ...(Object.keys(overlay.replicast).length > 0 && { replicast: writeReplicast(overlay.replicast) }),
    },
    ...(observe !== 'ledger' && { observe }),
    scenario: scenario.map(writeStep),
    expect: expect.map(writeExpectation),
  };
  const document = new Document(declared, { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, node, path) => {
      const parent = path.at(-1);
      const isHosts = isPair(parent) && isScalar(parent.key) && parent.key.value === 'hosts';
      if (path.filter(isCollection).length > BLOCK_DEPTH && !isHosts) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function writeReplicast({ choosyFactor, inFlight, ...same }: ReplicastOptions) {
  return {
    ...same,
    ...(choosyFactor !== undefined && { 'choosy-factor': choosyFactor }),
    ...(inFlight !== undefined && { 'in-flight': inFlight }),
  };
}

function writeHost({
  role,
  address,
  up,
  down,
  rules,
  gateway,
  run,
}: Host): Exclude<NonNullable<Declared['zones']>[string]['hosts'], undefined>[string] {
  const { both, forward, backward } = split(up, down);
  const edge = { ...both, ...(forward && { up: forward }), ...(backward && { down: backward }), ...writeRules(rules) };
  return {
    role,
    address,
    ...(Object.keys(edge).length > 0 && { edge }),
    ...(gateway && { gateway }),
    ...(run && { run }),
  };
}

function writeTrunk({ a, b, forward: there, backward: back, rules }: Trunk): NonNullable<Declared['trunks']>[number] {
  const { both, forward, backward } = split(there, back);
  const toward = { ...(forward && { [b]: forward }), ...(backward && { [a]: backward }) };
  return { between: [a, b], ...both, ...(Object.keys(toward).length > 0 && { toward }), ...writeRules(rules) };
}

const writeRules = (rules: readonly FrameRule[] | undefined) => rules && { rules: rules.map(writeRule) };

type Written = ReturnType<typeof writeProperties>;

/** What both directions of a link have in common, and what each has to itself. */
function split(there: LinkProperties, back: LinkProperties) {
  const forward = writeProperties(there);
  const backward = writeProperties(back);
  const both: Written = {};
  for (const key of Object.keys(forward) as (keyof Written)[]) {
    if (forward[key] !== backward[key]) continue;
    Object.assign(both, { [key]: forward[key] });
    delete forward[key];
    delete backward[key];
  }
  const orNothing = (properties: Written) => (Object.keys(properties).length > 0 ? properties : undefined);
  return { both, forward: orNothing(forward), backward: orNothing(backward) };
}

function writeProperties({ rate, delay, jitter, jitterReorder, queue, mtu, ...shares }: LinkProperties) {
  return {
    ...(rate !== undefined && { rate: formatRate(rate) }),
    ...(delay !== undefined && { delay: formatTime(delay) }),
    ...(jitter !== undefined && { jitter: formatTime(jitter) }),
    ...(jitterReorder && { 'jitter-reorder': true }),
    ...(Object.fromEntries(Object.entries(shares).map(([key, share]) => [key, formatPercentage(share)])) as {
      [K in keyof typeof shares]: string;
    }),
    ...(queue !== undefined && { queue: formatSize(queue) }),
    ...(mtu !== undefined && { mtu }),
  };
}

function writeStep(step: Step): NonNullable<Declared['scenario']>[number] {
  const kind = stepKinds[step.kind] as unknown as StepKind<z.ZodType, Step>;
  return {
    ...(step.at !== undefined && { at: formatTime(step.at) }),
    ...(step.after !== undefined && { after: formatTime(step.after) }),
    ...(step.phase !== undefined && { phase: step.phase }),
    [step.kind]: kind.write(step),
  };
}

function writeExpectation(expectation: Expectation): NonNullable<Extract<Declared['expect'], unknown[]>>[number] {
  const kind = expectationKinds[expectation.kind] as unknown as ExpectationKind<z.ZodType, Expectation>;
  const { phase, group, links, should } = expectation;
  return {
    [expectation.kind]: kind.write(expectation),
    ...(phase !== undefined && { phase }),
    ...(group !== undefined && { group }),
    ...(links !== undefined && { links }),
    should,
  };
}
