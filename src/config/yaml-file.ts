// Reads the YAML file against the settings table: values with the line they stand on, and everything that is wrong.
// Walks the file's nodes and never builds objects from its keys, so `__proto__` is one more unknown key.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type YAMLMap } from 'yaml';

import { didYouMean } from './closest-name.js';
import type { Reading } from './given-value.js';
import { REFUSED_SETTINGS } from './refused-settings.js';
import { parseItems, parseMap, parseText, accepted, type Parsed } from './setting-kind.js';
import type { Setting } from './setting.js';

const MAX_FILE_CHARACTERS = 1_048_576;
/** Aliases of aliases in a free-form map multiply; past this many it is refused. */
const MAX_ALIASES = 100;

/** @param name the file's name, for messages */
export function readYaml(text: string, name: string, settings: readonly Setting[]): Reading {
  if (text.length > MAX_FILE_CHARACTERS) {
    return {
      given: [],
      problems: [{ source: name, message: `is ${text.length} characters long; at most ${MAX_FILE_CHARACTERS} are read` }],
    };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return new YamlReader(document, settings, (offset) => `${name}:${lines.linePos(offset).line}`).read();
}

class YamlReader {
  private readonly reading: Reading = { given: [], problems: [] };
  private readonly byPath: ReadonlyMap<string, Setting>;
  private readonly sections = new Set<string>();

  constructor(
    private readonly document: Document.Parsed,
    settings: readonly Setting[],
    private readonly place: (offset: number) => string,
  ) {
    this.byPath = new Map(settings.map((setting) => [setting.path, setting]));
    for (const { path } of settings) {
      for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) this.sections.add(path.slice(0, dot));
    }
  }

  read(): Reading {
    const { errors, warnings, contents } = this.document;
    for (const { message, pos } of [...errors, ...warnings]) this.problem(pos[0], undefined, message);
    if (errors.length > 0 || contents === null || (isScalar(contents) && contents.value === null)) return this.reading;
    if (isMap(contents)) this.readSection(contents, '');
    else this.problem(contents.range[0], undefined, 'is not a map of settings');
    return this.reading;
  }

  private readSection(map: YAMLMap, prefix: string): void {
    for (const { key, value } of map.items) {
      const keyNode = key as Node;
      const at = keyNode.range?.[0] ?? 0;
      if (!isScalar(keyNode)) {
        this.problem(at, prefix || undefined, 'has a key that is not a word');
        continue;
      }
      const path = prefix === '' ? String(keyNode.value) : `${prefix}.${String(keyNode.value)}`;
      this.readEntry(path, this.resolved(value as Node | null), at);
    }
  }

  private readEntry(path: string, node: Node | null | undefined, at: number): void {
    const setting = this.byPath.get(path);
    const isEmpty = node === null || node === undefined || (isScalar(node) && node.value === null);
    if (setting) {
      if (isEmpty) return this.problem(at, path, `has no value; accepted: ${accepted(setting)}`);
      const parsed = this.parse(setting, node);
      if ('wrong' in parsed) this.problem(at, path, parsed.wrong);
      else this.reading.given.push({ setting, value: parsed.value, source: this.place(at) });
    } else if (this.sections.has(path)) {
      if (isMap(node)) this.readSection(node, path);
      else if (!isEmpty) this.problem(at, path, 'is not a map of settings');
    } else {
      const reason = Object.hasOwn(REFUSED_SETTINGS, path) ? REFUSED_SETTINGS[path] : undefined;
      if (reason !== undefined) this.problem(at, path, `cannot be set: ${reason}`);
      else this.problem(at, path, `is not a setting${didYouMean(path, [...this.byPath.keys(), ...this.sections], lastPart)}`);
    }
  }

  private parse(setting: Setting, node: Node): Parsed {
    if (setting.kind === 'map') return this.parseMap(setting, node);
    if (isScalar(node)) return parseText(setting, textOf(node.source, node.value));
    if (setting.kind !== 'list' || !isSeq(node)) return { wrong: `is a ${isSeq(node) ? 'list' : 'map'}; accepted: ${accepted(setting)}` };
    const items = node.items.map((item) => this.resolved(item as Node));
    if (!items.every(isScalar)) return { wrong: 'has an item that is not text; accepted: a list of texts' };
    return parseItems(
      setting,
      items.map((item) => textOf(item.source, item.value)),
    );
  }

  private parseMap(setting: Setting & { kind: 'map' }, node: Node): Parsed {
    try {
      return parseMap(setting, node.toJS(this.document, { maxAliasCount: MAX_ALIASES }));
    } catch (error) {
      return { wrong: (error as Error).message };
    }
  }

  /** The node that an alias stands for: always one that was written out, so nothing multiplies. */
  private resolved(node: Node | null | undefined): Node | null | undefined {
    return isAlias(node) ? node.resolve(this.document) : node;
  }

  private problem(offset: number, key: string | undefined, message: string): void {
    this.reading.problems.push({ source: this.place(offset), key, message });
  }
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** As it was written: `0123` and `1.10` stay what they are. */
const textOf = (source: string | undefined, value: unknown): string => source ?? String(value);
