/** MessagePack bytes to a value. */
import { MsgpackReader } from './reader.js';

export type Decoded = { ok: true; value: unknown } | { ok: false; message: string };

const shared = new MsgpackReader();

/** Decodes `bytes[start, end)`, which must be exactly one value. Binary comes as views of `bytes`. */
export function decodeMsgpack(bytes: Uint8Array, start = 0, end: number = bytes.length): Decoded {
  const reader = shared.reset(bytes, start, end);
  const value = reader.readValue();
  reader.finish();
  return reader.fault === undefined ? { ok: true, value } : { ok: false, message: reader.fault };
}

/** What is wrong with `bytes[start, end)`, or `undefined` where it is one value: all the checks, nothing built. */
export function msgpackProblem(bytes: Uint8Array, start = 0, end: number = bytes.length): string | undefined {
  const reader = shared.reset(bytes, start, end);
  reader.skipValue();
  reader.finish();
  return reader.fault;
}
