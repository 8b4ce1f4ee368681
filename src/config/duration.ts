// Durations as people write them (`30s`, `500ms`) and back. Calendar units do not exist here: a day is 24 hours.

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m|h|d)$/;

export const DURATION_FORM = 'a duration such as 500ms, 30s, 5m, 1h or 7d';

/** Milliseconds, whole; undefined where the text is no duration. Only zero needs no unit. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = DURATION.exec(text);
  if (!match) return undefined;
  const ms = Number(match[1]) * (UNITS_MS[match[2] as string] as number);
  return Number.isInteger(ms) ? ms : undefined;
}
