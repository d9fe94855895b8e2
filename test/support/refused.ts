import type { Test } from 'tap';
import { loadTopology } from '../../lab/topology/index.ts';
import { InputError } from '../../src/document/index.ts';

/**
 * Asserts that a topology is refused with exactly these messages, one for each « in the text, each at the place where the
 * « stands.
 */
export function refused(test: Test, marked: string, ...messages: string[]): void {
  const places: string[] = [];
  const text = marked
    .split('\n')
    .map((line, index) => {
      for (let column = line.indexOf('«'); column >= 0; column = line.indexOf('«')) {
        places.push(`${index + 1}:${column + 1}`);
        line = line.replace('«', '');
      }
      return line;
    })
    .join('\n');
  test.equal(places.length, messages.length, 'one mark for each message');
  try {
    loadTopology(text, 'bad.yaml');
    test.fail('was accepted');
  } catch (error) {
    test.ok(error instanceof InputError, String(error));
    const found = (error as InputError).message.split('\n');
    test.strictSame(
      found,
      messages.map((message, index) => `bad.yaml:${places[index]}: ${message}`),
    );
  }
}
