// The entry of the thread that counts the tokens of long texts: a step of one request after the other, so that a short one does not
// wait for long ones. Tenants take turns, and so do the requests of each.
import { parentPort } from 'node:worker_threads';

import { FairQueue } from '../storage/fair-queue.js';
import { CLOSE, type ThreadGreeting } from '../storage/thread-messages.js';
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
  readonly tenant: string;
  readonly steps: Generator<void, number[]>;
}

const counts = new Map<number, Count>();
const turns = new FairQueue<Count>();
let isCounting = false;

port.on('message', (message: CountRequest | DropRequest | typeof CLOSE) => {
  // Nobody waits for what is left.
  if (message === CLOSE) process.exit();
  if ('dropped' in message) end(counts.get(message.dropped));
  else begin(message);
  if (isCounting) return;
  isCounting = true;
  countOn();
});

function begin({ id, tenant, texts, most }: CountRequest): void {
  const count = { id, tenant, steps: countInSteps(texts, most) };
  counts.set(id, count);
  turns.push(tenant, count);
}

function end(count: Count | undefined): void {
  if (count === undefined) return;
  counts.delete(count.id);
  turns.remove(count.tenant, count);
}

/** One step. What has arrived meanwhile is taken in before the next. */
function countOn(): void {
  const count = turns.shift();
  isCounting = count !== undefined;
  if (count === undefined) return;
  step(count);
  setImmediate(countOn);
}

function step(count: Count): void {
  const { done, value } = count.steps.next();
  if (done !== true) {
    turns.push(count.tenant, count);
    return;
  }
  end(count);
  port?.postMessage({ id: count.id, tokens: value } satisfies CountAnswer);
}

port.postMessage({ ready: true } satisfies ThreadGreeting);
