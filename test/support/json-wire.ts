// JSON envelopes, written by hand on purpose: the tests' own reading of PROTOCOL.md §2, not the server's code.
import type { MessageId, Received, Wire } from './message.js';

export function jsonWire(): Wire {
  return {
    subprotocols: [],
    id: (count) => `m${count}`,
    request: (id, method, params, meta) => JSON.stringify({ id, type: 0, method, params, meta }),
    notification: (method, params, meta) => JSON.stringify({ type: 2, method, params, meta }),
    response: (id, result, meta) => JSON.stringify({ id, type: 1, result, meta }),
    error: (id, error) => JSON.stringify({ id, type: 3, error }),
    ping: (id) => JSON.stringify({ id, type: 4 }),
    batch: (id, messages) => `{"id":${JSON.stringify(id)},"type":6,"params":{"messages":[${messages.join(',')}]}}`,
    read: (data, isBinary) => {
      if (isBinary) throw new Error('a JSON client was sent a binary message');
      return readText(data.toString('utf8'));
    },
  };
}

interface Envelope {
  id?: MessageId;
  type: number;
  params?: { messages?: Envelope[] };
}

export function readText(text: string): Received[] {
  const envelope = JSON.parse(text) as Envelope;
  if (envelope.type === 6) return (envelope.params?.messages ?? []).map((member) => received(member, true));
  return [received(envelope, false)];
}

function received(envelope: Envelope, batched: boolean): Received {
  return { ...envelope, encoding: 'json', batched };
}
