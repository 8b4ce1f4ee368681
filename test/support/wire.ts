// Which encoding is which: `describe.each(ENCODINGS)` runs a test in each.
import { binaryWire } from './binary-wire.js';
import { jsonWire } from './json-wire.js';
import type { Encoding, Wire } from './message.js';

const WIRES: Record<Encoding, () => Wire> = { json: jsonWire, binary: binaryWire };

/** A wire of one client's own: it may learn, e.g. the server's method numbers. */
export function wireOf(encoding: Encoding): Wire {
  return WIRES[encoding]();
}
