// Messages that nobody should send: good ones with something wrong, and noise.
import { encodeMsgpack } from '@mcpw/protocol';

import { frame } from '../../support/binary-wire.js';
import type { Random } from './random.js';

const METHODS = [
  'initialize', 'tool.list', 'tool.execute', 'tool.cancel', 'tool.register', 'tool.unregister', 'context.create', 'context.get', 'context.update',
  'context.list', 'context.delete', 'context.search', 'event.subscribe', 'event.unsubscribe', 'event.publish', 'session.ack', 'session.authenticate', 'ping',
]; // prettier-ignore

const MEMBERS = [
  'id', 'type', 'method', 'params', 'meta', 'ts', 'nonce', 'result', 'error', 'name', 'content', 'metadata', 'context_id', 'version', 'arguments', 'events',
  'filter', 'data', 'event', 'limit', 'cursor', 'tools', 'names', 'query', 'since', 'messages', 'token', 'security', 'resume', '__proto__', 'constructor', 'toString', '',
]; // prettier-ignore

const SCALARS: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1.5, 1e308, -1e308, 2 ** 53, 2 ** 63, '', 'a', '\0', '\ud800', '\uffff', '*', '**', '../../etc/passwd', "' OR 1=1 --",
  '%s%n', '𝒳'.repeat(200), 'x'.repeat(5_000), '1e999', 'NaN', '2026-02-30T25:61:61Z', [], {},
]; // prettier-ignore

export function brokenMessage(random: Random): string | Buffer {
  switch (random.below(6)) {
    case 0:
      return textWithAFlaw(random);
    case 1:
      return random.bytes(random.below(200)).toString('latin1');
    case 2:
      return random.bytes(random.below(200));
    case 3:
      return frameWithAFlaw(random);
    default:
      return JSON.stringify(envelope(random)) ?? '';
  }
}

function envelope(random: Random): unknown {
  return {
    id: random.below(10) === 0 ? value(random, 2) : `f${random.below(1_000_000)}`,
    type: random.below(10) === 0 ? value(random, 1) : random.pick([0, 0, 0, 0, 1, 2, 3, 4, 5, 6]),
    method: random.below(10) === 0 ? value(random, 1) : random.pick(METHODS),
    params: random.below(10) === 0 ? value(random, 1) : object(random, 4),
    ...(random.below(4) === 0 ? { meta: object(random, 2) } : {}),
  };
}

function value(random: Random, depth: number): unknown {
  if (depth > 0 && random.below(3) === 0) return random.below(2) === 0 ? object(random, depth - 1) : list(random, depth - 1);
  if (random.below(200) === 0) return deep(random.below(200));
  return random.pick(SCALARS);
}

function object(random: Random, depth: number): unknown {
  // Object.fromEntries makes `__proto__` a member like any other.
  return Object.fromEntries(Array.from({ length: random.below(5) }, () => [random.pick(MEMBERS), value(random, depth)]));
}

function list(random: Random, depth: number): unknown[] {
  return Array.from({ length: random.below(120) === 0 ? 150 : random.below(5) }, () => value(random, depth));
}

function deep(levels: number): unknown {
  let nested: unknown = 1;
  for (let i = 0; i < levels; i++) nested = i % 2 === 0 ? [nested] : { a: nested };
  return nested;
}

/** Good JSON with a few characters changed, dropped or doubled. */
function textWithAFlaw(random: Random): string {
  let text = JSON.stringify(envelope(random)) ?? '';
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(text.length + 1);
    text =
      text.slice(0, at) + random.pick(['', '"', '{', ']', '\\u', '\0', ',', '9'.repeat(400), '\u2028']) + text.slice(at + random.below(3));
  }
  return text;
}

/** A good frame with a few bytes changed, cut short or made longer. */
function frameWithAFlaw(random: Random): Buffer {
  const one = goodFrame(random);
  const whole = random.below(5) === 0 ? frame({ type: 6, id: 1, flags: 0x0004, payload: Buffer.concat([one, one]) }) : one;
  for (let i = random.below(4); i > 0; i--) whole[random.below(whole.length)] = random.below(256);
  if (random.below(6) === 0) return whole.subarray(0, random.below(whole.length));
  return random.below(6) === 0 ? Buffer.concat([whole, random.bytes(random.below(30))]) : whole;
}

/** Good in its form; its content may be anything. */
function goodFrame(random: Random): Buffer {
  const header = { type: random.pick([0, 0, 0, 0, 1, 2, 3, 4, 5]), id: random.below(1_000_000), method: random.below(26) };
  switch (random.below(4)) {
    case 0:
      return frame({ ...header, flags: random.below(64), payload: random.bytes(random.below(100)) });
    case 1:
      // Arrays within arrays.
      return frame({ ...header, payload: Buffer.concat([Buffer.alloc(random.below(300), 0x91), Buffer.of(0xc0)]) });
    case 2:
      return frame({ ...header, payload: encodeMsgpack(scalars(random)) });
    default:
      return frame({ ...header, flags: 0x0010, payload: Buffer.from(JSON.stringify(object(random, 4))) });
  }
}

function scalars(random: Random): unknown {
  return Object.fromEntries(Array.from({ length: random.below(8) }, () => [random.pick(MEMBERS), random.pick(SCALARS)]));
}
