import { type Path, suggestion } from '../../src/document/index.ts';
import type { Network } from './network.ts';
import type { Problems } from './problems.ts';
import type { RuleDeclaration, RuleText } from './rule-schema.ts';
import type { Shaped } from './shapes.ts';
import type { FrameRule, RuleAction } from './topology.ts';
import { formatTime } from './units.ts';

const ACTIONS = ['drop', 'duplicate', 'delay', 'corrupt'] as const satisfies RuleAction[];
/** Kinds whose messages have an index that is not always 0. */
const INDEXED = ['Data', 'GetData'];

/** The network with the frame rules of its links resolved. Groups must be known, so it comes after the overlay. */
export function readRules(
  declared: Shaped,
  { hosts, trunks, ...rest }: Network,
  groups: Readonly<Record<string, string[]>>,
  problems: Problems,
): Network {
  const read = (path: Path, ends: readonly string[], rules: readonly RuleDeclaration[]) =>
    rules.flatMap((rule, index) => readRule([...path, 'rules', index], ends, rule, Object.keys(groups), problems));
  return {
    ...rest,
    hosts: hosts.map((host) => {
      const details = declared.zones[host.zone]?.hosts[host.name];
      const rules = typeof details === 'string' ? undefined : details?.edge?.rules;
      const path = ['zones', host.zone, 'hosts', host.name, 'edge'];
      return rules ? { ...host, rules: read(path, [host.name, host.switch], rules) } : host;
    }),
    trunks: trunks.map((trunk) => {
      const index = declared.trunks.findIndex(({ between: [a, b] }) => a === trunk.a && b === trunk.b);
      const rules = declared.trunks[index]?.rules;
      return rules ? { ...trunk, rules: read(['trunks', index], [trunk.a, trunk.b], rules) } : trunk;
    }),
  };
}

function readRule(
  path: Path,
  ends: readonly string[],
  declared: RuleDeclaration,
  groups: readonly string[],
  problems: Problems,
): FrameRule[] {
  const actions = ACTIONS.filter((action) => declared[action] !== undefined);
  const [action] = actions;
  if (action === undefined || actions.length > 1) {
    const found = actions.length > 1 ? `: split ${actions.join(' and ')}` : ', and this is none';
    problems.at(path, `a rule is exactly one of ${ACTIONS.join(', ')}${found}`);
    return [];
  }
  const { toward, kind, group, index, attempt, nth } = declared[action]!;
  const at = (field: string): Path => [...path, action, field];
  if (toward !== undefined && !ends.includes(toward)) {
    problems.at(at('toward'), `"${toward}" is no end of this link${suggestion(toward, ends)}`);
  }
  if (group !== undefined && !groups.includes(group)) {
    problems.at(at('group'), `unknown group "${group}"${suggestion(group, groups)}`);
  }
  if (index !== undefined && kind !== undefined && !INDEXED.includes(kind)) {
    problems.at(at('index'), `a ${kind} has no index: leave it out, or write kind: ${INDEXED.join(' or ')}`);
  }
  return [
    {
      action,
      ...(declared.delay && { by: declared.delay.by }),
      ...(toward !== undefined && { toward }),
      ...(kind !== undefined && { kind }),
      ...(group !== undefined && { group }),
      ...(index !== undefined && { index: [index].flat() }),
      ...(attempt !== undefined && { attempt }),
      ...(nth !== undefined && { nth }),
    },
  ];
}

/** A rule as a person writes it. */
export function writeRule({ action, by, index, ...match }: FrameRule): RuleText {
  const written = {
    ...match,
    ...(index !== undefined && { index: index.length === 1 ? index[0]! : index }),
  };
  return action === 'delay' ? { delay: { ...written, by: formatTime(by!) } } : { [action]: written };
}
