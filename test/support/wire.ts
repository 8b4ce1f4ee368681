// Which encoding is which: `describe.each(ENCODINGS)` runs a test in each.
import { jsonWire } from './json-wire.js';
import type { Encoding, Wire } from './message.js';

const WIRES: Record<Encoding, () => Wire> = { json: jsonWire };

/** A wire of one client's own: it may learn, e.g. the server's method numbers. */
export function wireOf(encoding: Encoding): Wire {
  return WIRES[encoding]();
}
