// The values that a filter's dotted path reaches in an event's data, as MongoDB reads paths: through arrays into each element.

/** Elements of an array beyond these are not looked at, so that one event's data cannot make matching slow. */
const LOOKED_AT = 100;

/** Empty where there is nothing at the path. */
export function valuesAt(data: unknown, parts: readonly string[]): unknown[] {
  const found: unknown[] = [];
  collect(data, parts, 0, found);
  return found;
}

/** Elements of the array that count in a match. */
export const elementsOf = (values: readonly unknown[]): readonly unknown[] =>
  values.length > LOOKED_AT ? values.slice(0, LOOKED_AT) : values;

function collect(value: unknown, parts: readonly string[], depth: number, found: unknown[]): void {
  if (found.length >= LOOKED_AT) return;
  const part = parts[depth];
  if (part === undefined) {
    found.push(value);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  // An array's own members are its elements: `items.0.id` names one, `items.id` looks into each.
  if (Object.hasOwn(value, part) && !(Array.isArray(value) && part === 'length')) {
    collect((value as Record<string, unknown>)[part], parts, depth + 1, found);
  } else if (Array.isArray(value)) {
    for (const element of elementsOf(value)) if (!Array.isArray(element)) collect(element, parts, depth, found);
  }
}
