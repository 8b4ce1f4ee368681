// The entry of the thread that counts the tokens of long texts: a step of one request after the other, so that a short one does not
// wait for long ones. Tenants take turns, and so do the requests of each.
import { parentPort } from 'node:worker_threads';

import { CLOSE, type ThreadGreeting } from '../storage/supervised-thread.js';
import { FairQueue } from './fair-queue.js';
import { countInSteps } from './token-count.js';

export interface CountRequest {
  readonly id: number;
  readonly tenant: string;
  readonly texts: readonly string[];
  /** Tokens of all texts together past which counting ends. */
  readonly most: number;
}

/** Nobody waits for the request's answer any more: it gets none. */
export interface DropRequest {
  readonly dropped: number;
  readonly tenant: string;
}

export interface CountAnswer {
  readonly id: number;
  /** Of each text, or up to that which goes past `most`. */
  readonly tokens: number[];
}

const port = parentPort;
if (!port) throw new Error('tokenizer.thread is for a worker thread');

interface Count {
  readonly id: number;
  readonly steps: Generator<void, number[]>;
}

const counts = new FairQueue<Count>();
let isCounting = false;
let isClosing = false;

port.on('message', (message: CountRequest | DropRequest | typeof CLOSE) => {
  if (message === CLOSE) isClosing = true;
  else if ('dropped' in message) counts.remove(message.tenant, ({ id }) => id === message.dropped);
  else counts.push(message.tenant, { id: message.id, steps: countInSteps(message.texts, message.most) });
  if (isCounting) return;
  isCounting = true;
  countOn();
});

/** One step. What has arrived meanwhile is taken in before the next. */
function countOn(): void {
  const turn = counts.shift();
  if (turn !== undefined) {
    step(turn.party, turn.item);
    setImmediate(countOn);
    return;
  }
  isCounting = false;
  if (isClosing) port?.close();
}

function step(tenant: string, count: Count): void {
  const { done, value } = count.steps.next();
  if (done === true) port?.postMessage({ id: count.id, tokens: value } satisfies CountAnswer);
  else counts.push(tenant, count);
}

port.postMessage({ ready: true } satisfies ThreadGreeting);
