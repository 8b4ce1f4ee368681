// Whether a test that the requirements name exists: `<file> > <title>`, the title as it stands in the file.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const titles = new Map<string, ReadonlySet<string>>();

export function testExists(reference: string): boolean {
  const at = reference.indexOf(' > ');
  return at > 0 && titlesOf(reference.slice(0, at)).has(reference.slice(at + 3));
}

function titlesOf(file: string): ReadonlySet<string> {
  const known = titles.get(file);
  if (known !== undefined) return known;
  const path = join(ROOT, file);
  const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // it('…', it.each([…])('…', test('…', and titles on a line of their own.
  const found = new Set(
    [
      ...source.matchAll(
        /\b(?:it|test)\b[^;]*?\(\s*(?:'((?:[^'\\\n]|\\.)+)'|`((?:[^`\\]|\\.)+)`|"((?:[^"\\\n]|\\.)+)"),\s*(?:async\s*)?(?:\{|\(|function|\w+ =>)/g,
      ),
    ].map(([, single, template, double]) => (single ?? template ?? double ?? '').replace(/\\(.)/g, '$1')),
  );
  titles.set(file, found);
  return found;
}
