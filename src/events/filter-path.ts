// The values that a filter's dotted path reaches in an event's data, as MongoDB reads paths: through arrays into each element.

/** Elements of an array beyond these are not looked at, so that one event's data cannot make matching slow. */
const LOOKED_AT = 100;
/** Nor are more values on the way of one path, or elements of what it reaches, than these: arrays within arrays multiply. */
export const LOOKED_AT_IN_ALL = 1_000;

interface Walk {
  readonly parts: readonly string[];
  readonly found: unknown[];
  left: number;
}

/** Empty where there is nothing at the path. */
export function valuesAt(data: unknown, parts: readonly string[]): unknown[] {
  const found: unknown[] = [];
  collect(data, 0, { parts, found, left: LOOKED_AT_IN_ALL });
  return found;
}

/** Elements of the array that count in a match. */
export const elementsOf = (values: readonly unknown[], atMost = LOOKED_AT): readonly unknown[] =>
  values.length > Math.min(atMost, LOOKED_AT) ? values.slice(0, Math.min(atMost, LOOKED_AT)) : values;

function collect(value: unknown, depth: number, walk: Walk): void {
  if (walk.found.length >= LOOKED_AT || --walk.left < 0) return;
  const part = walk.parts[depth];
  if (part === undefined) {
    walk.found.push(value);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  // An array's own members are its elements: `items.0.id` names one, `items.id` looks into each.
  if (Object.hasOwn(value, part) && !(Array.isArray(value) && part === 'length')) {
    collect((value as Record<string, unknown>)[part], depth + 1, walk);
  } else if (Array.isArray(value)) {
    for (const element of elementsOf(value)) if (!Array.isArray(element)) collect(element, depth, walk);
  }
}
