// Each sentence of the guide and the tests that show it: `<file> > <title>`. requirements.spec.ts fails for a sentence without.

export interface Requirement {
  readonly section: string;
  readonly sentence: string;
  readonly tests: readonly string[];
}

export const REQUIREMENTS: readonly Requirement[] = [];
