// Reads the members of a free-form map of the configuration, and says what is wrong with each by its path.
import { parseByteSize, SIZE_FORM } from './byte-size.js';
import { didYouMean } from './closest-name.js';
import { DURATION_FORM, parseDuration } from './duration.js';

export type FreeMap = Readonly<Record<string, unknown>>;

export function isFreeMap(value: unknown): value is FreeMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class MapReader {
  private readonly asked = new Set<string>();

  /**
   * @param path of the map, for messages: `mcpServers.files`
   * @param problems where what is wrong is told
   */
  constructor(
    private readonly map: FreeMap,
    readonly path: string,
    readonly problems: string[],
  ) {}

  has(key: string): boolean {
    this.asked.add(key);
    return Object.hasOwn(this.map, key) && this.map[key] !== undefined && this.map[key] !== null;
  }

  string(key: string, rule?: { readonly test: (text: string) => boolean; readonly form: string }): string | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '' || value.includes('\0')) return this.wrong(key, 'is not text');
    return rule === undefined || rule.test(value) ? value : this.wrong(key, `is not ${rule.form}`);
  }

  boolean(key: string): boolean | undefined {
    const value = this.value(key);
    return value === undefined || typeof value === 'boolean' ? value : this.wrong(key, 'is neither true nor false');
  }

  integer(key: string, min: number, max: number): number | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    return this.wrong(key, `is not a whole number from ${min} to ${max}`);
  }

  /** Milliseconds. */
  duration(key: string, min: string, max: string): number | undefined {
    return this.measure(key, parseDuration, DURATION_FORM, min, max);
  }

  /** Bytes. */
  size(key: string, min: string, max: string): number | undefined {
    return this.measure(key, parseByteSize, SIZE_FORM, min, max);
  }

  strings(key: string): readonly string[] | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string' && !item.includes('\0'))) return value as string[];
    return this.wrong(key, 'is not a list of texts');
  }

  /** Values that are text; numbers and booleans, which YAML makes of some, are taken as the text they were. */
  texts(key: string): Readonly<Record<string, string>> | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (!isFreeMap(value)) return this.wrong(key, 'is not a map of texts');
    const texts: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const [name, text] of Object.entries(value)) {
      if (!['string', 'number', 'boolean'].includes(typeof text)) return this.wrong(`${key}.${name}`, 'is not text');
      texts[name] = String(text);
    }
    return texts;
  }

  nested(key: string): MapReader | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    return isFreeMap(value) ? new MapReader(value, `${this.path}.${key}`, this.problems) : this.wrong(key, 'is not a map');
  }

  /** Call last: members that nothing asked for are problems too. */
  end(): void {
    for (const key of Object.keys(this.map)) {
      if (this.asked.has(key)) continue;
      this.problems.push(`${this.path}.${key} is not a setting${didYouMean(key, [...this.asked], (name) => name)}`);
    }
  }

  /** @returns undefined, to be handed on */
  wrong(key: string, message: string): undefined {
    this.problems.push(`${this.path}.${key} ${message}`);
    return undefined;
  }

  private value(key: string): unknown {
    return this.has(key) ? this.map[key] : undefined;
  }

  private measure(key: string, parse: (text: string) => number | undefined, form: string, min: string, max: string): number | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    const parsed = typeof value === 'string' || typeof value === 'number' ? parse(String(value)) : undefined;
    if (parsed !== undefined && parsed >= (parse(min) as number) && parsed <= (parse(max) as number)) return parsed;
    return this.wrong(key, `is not ${form}, from ${min} to ${max}`);
  }
}
