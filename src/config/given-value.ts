// A value that someone gave for a setting, and where.
import type { Setting } from './setting.js';
import type { ConfigProblem } from './config-problem.js';

export interface GivenValue {
  readonly setting: Setting;
  readonly value: unknown;
  /** `mcpw.yaml:12`, or the name of a variable. */
  readonly source: string;
}

/** What one source holds: its good values and all its problems. */
export interface Reading {
  readonly given: GivenValue[];
  readonly problems: ConfigProblem[];
}
