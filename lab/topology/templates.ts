import { suggestion } from '../../src/document/index.ts';

/** What a word of a command may ask for: `$t1.address`, the underlay address of host t1, or `$t1.overlay`, its overlay address. */
const TEMPLATE = /\$([a-z][a-z0-9-]*)\.([a-z]+)/g;
const FIELDS = ['address', 'overlay'] as const;
export type TemplateField = (typeof FIELDS)[number];

/** What is wrong with the templates in a command, by word. */
export function checkTemplates(
  command: readonly string[],
  hosts: readonly string[],
): { index: number; message: string }[] {
  return command.flatMap((word, index) =>
    [...word.matchAll(TEMPLATE)].flatMap(([, host, field]) => {
      const of = (message: string) => [{ index, message }];
      if (!hosts.includes(host!)) return of(`unknown host "${host}"${suggestion(host!, hosts)}`);
      const known: readonly string[] = FIELDS;
      return known.includes(field!) ? [] : of(`a host has no ${field}${suggestion(field!, FIELDS)}`);
    }),
  );
}

/** The command with its templates filled in by `lookUp`. */
export function fillTemplates(
  command: readonly string[],
  lookUp: (host: string, field: TemplateField) => string,
): string[] {
  return command.map((word) =>
    word.replace(TEMPLATE, (_, host: string, field: string) => lookUp(host, field as TemplateField)),
  );
}
