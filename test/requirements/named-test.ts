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
  const found = new Set<string>();
  for (const { 1: single, 2: template, 3: double, index } of source.matchAll(TITLED)) {
    const title = (single ?? template ?? double ?? '').replace(/\\(.)/g, '$1');
    if (isTest(source.slice(0, index))) found.add(title);
  }
  titles.set(file, found);
  return found;
}

/** `('a title', () =>`, in any quotes. */
const TITLED = /\(\s*(?:'((?:[^'\\\n]|\\.)+)'|`((?:[^`\\]|\\.)+)`|"((?:[^"\\\n]|\\.)+)"),\s*(?:async\s*)?(?:\{|\(|function|\w+ =>)/g;

/** Whether what stands before the parenthesis is `it` or `test`, be it with `.each(…)`, rather than `describe`. */
function isTest(before: string): boolean {
  if (!before.endsWith(')')) return /\b(?:it|test)(?:\.\w+)?$/.test(before);
  const [keyword] = before.match(/\b(?:it|test|describe)(?=\.(?:each|for)\()(?![^]*\b(?:it|test|describe)\.(?:each|for)\()/) ?? [];
  return keyword === 'it' || keyword === 'test';
}
