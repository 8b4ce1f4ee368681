// Makes an object safe to log: its secret members show as `[secret]` in JSON, in console.log and as text.
import { inspect } from 'node:util';

const HIDDEN = '[secret]';

/** Changes the object. Its members can still be read by name. */
export function hideSecrets(object: object, secrets: readonly string[]): void {
  const safe = (): object =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, secrets.includes(key) ? HIDDEN : value]));
  Object.defineProperties(object, {
    toJSON: { value: safe },
    toString: { value: () => JSON.stringify(safe()) },
    [inspect.custom]: { value: safe },
  });
}
