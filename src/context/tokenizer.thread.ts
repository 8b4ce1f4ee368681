// The entry of the thread that counts the tokens of long texts, one request after the other.
import { parentPort } from 'node:worker_threads';

import { CLOSE, type ThreadGreeting } from '../storage/supervised-thread.js';
import { tokenCount } from './token-count.js';

const port = parentPort;
if (!port) throw new Error('tokenizer.thread is for a worker thread');
port.on('message', (texts: readonly string[] | typeof CLOSE) => {
  if (texts === CLOSE) port.close();
  else port.postMessage(texts.map(tokenCount));
});
port.postMessage({ ready: true } satisfies ThreadGreeting);
