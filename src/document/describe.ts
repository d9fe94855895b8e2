import type * as z from 'zod/mini';
import { suggestion } from './nearest.ts';

/** The kinds of value that a schema asks for, in the words of YAML. */
const KINDS: Record<string, string> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
};

/**
 * What is wrong with a value, in words that do not depend on how the schema library was loaded (zod/mini comes without
 * messages). What the schema's author wrote goes before.
 * @param value what stands there; `undefined` when nothing does.
 */
export function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  const own = !/^(Invalid|Too (small|big)|Unrecognized)\b/.test(issue.message);
  if (issue.code === 'invalid_type') {
    const expected = KINDS[issue.expected] ?? issue.expected;
    if (value === undefined) return `is required: ${own ? issue.message.replace(/^expected /, '') : expected}`;
    return own ? issue.message : `expected ${expected}, not ${kindOf(value)}`;
  }
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    return `"${value}" is not one of the allowed values${suggestion(value, issue.values.map(String))}`;
  }
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => describeIssue(inner, undefined)).join('; ');
  if (own) return issue.message;
  switch (issue.code) {
    case 'invalid_value':
      return `expected ${issue.values.map(String).join(' or ')}, not ${kindOf(value)}`;
    case 'too_small':
      return `must ${bound(issue.origin)} at least ${issue.minimum}${counted(issue.origin)}`;
    case 'too_big':
      return `must ${bound(issue.origin)} at most ${issue.maximum}${counted(issue.origin)}`;
    case 'invalid_format':
      return `is not of the form ${issue.pattern ?? issue.format}`;
    default:
      return issue.message;
  }
}

const sized = (origin: string) => origin === 'string' || origin === 'array';
const bound = (origin: string) => (sized(origin) ? 'have' : 'be');
const counted = (origin: string) => (sized(origin) ? (origin === 'string' ? ' characters' : ' items') : '');

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return KINDS[typeof value] ?? typeof value;
}
