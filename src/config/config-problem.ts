// Something in the settings that stops the start.

export interface ConfigProblem {
  /** Where it was found: `mcpw.yaml:12`, or the name of a variable. */
  readonly source: string;
  /** The key in YAML's spelling, or undefined where it is about none. */
  readonly key?: string | undefined;
  /** What was found and what is accepted. Never holds a secret. */
  readonly message: string;
}

/** The problems as lines for people, one each. */
export const describeProblems = (problems: readonly ConfigProblem[]): string =>
  problems.map(({ source, key, message }) => `${source}: ${key === undefined || key === source ? '' : `${key}: `}${message}`).join('\n');
