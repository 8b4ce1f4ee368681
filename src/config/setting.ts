// What a row of the settings table says. Not the rows: settings.ts. Not how a value is read: setting-kind.ts.
import type { Config } from './config.js';

/** What a setting's value is in `Config`, by kind. Durations are milliseconds, sizes bytes. */
export interface KindValue {
  boolean: boolean;
  integer: number;
  number: number;
  duration: number;
  size: number;
  string: string;
  enum: string;
  list: readonly string[];
  secret: string;
  map: Readonly<Record<string, unknown>>;
}
export type SettingKind = keyof KindValue;

/** Dotted paths of the members of `T` whose value is a `V`: `websocket.pingIntervalMs`. */
export type PathTo<T, V> = {
  [K in keyof T & string]-?: NonNullable<T[K]> extends V
    ? K
    : NonNullable<T[K]> extends string | number | boolean | readonly unknown[]
      ? never
      : `${K}.${PathTo<NonNullable<T[K]>, V>}`;
}[keyof T & string];

/** Dotted paths of all values of `T`. */
export type ValuePath<T> = PathTo<T, string | number | boolean | readonly unknown[]>;

/** A default that follows another setting. */
export interface Derived {
  readonly times: number;
  readonly of: string;
}

/** Says what is accepted when the value is not; undefined when it is fine. */
export type Check<V> = (value: V) => string | undefined;

interface Row<K extends SettingKind> {
  /** Path in the YAML file: `websocket.ping_interval`. */
  readonly path: string;
  readonly kind: K;
  /** Where the value stands in `Config`. */
  readonly to: PathTo<Config, KindValue[K]>;
  /** What it does, in whole sentences. */
  readonly doc: string;
  /** As an operator would write it; lists with commas between. Without one the setting is unset. */
  readonly default?: string | Derived;
  /** Variables that set it beside the one the rule gives. */
  readonly names?: readonly string[];
  /** A variable that gives it in another unit: what its number is divided by. */
  readonly scaled?: { readonly name: string; readonly divisor: number; readonly unit: string };
}

interface Bounds {
  /** As an operator would write them, both allowed themselves. */
  readonly min: string;
  readonly max: string;
}

interface TextRow<K extends SettingKind> extends Row<K> {
  /** Of a list: of each item. */
  readonly check?: Check<string>;
  /** A value for the example file, where there is no default. */
  readonly example?: string;
}

export type Setting =
  | Row<'boolean'>
  | (Row<'integer' | 'number' | 'duration' | 'size'> & Bounds)
  | TextRow<'string' | 'list'>
  | (TextRow<'secret'> & { readonly minLength?: number })
  | (Row<'enum'> & { readonly values: readonly string[] })
  | (Omit<Row<'map'>, 'default' | 'scaled'> & { readonly check: (value: Readonly<Record<string, unknown>>) => readonly string[] });
