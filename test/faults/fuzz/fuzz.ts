// Sends broken messages to a server for a while, and looks after each burst whether it still serves others.
import { ErrorCode } from '@mcpw/protocol';

import { within } from '../../support/deadline.js';
import { openSocket } from '../../support/handshake.js';
import type { ServerProcess } from '../../support/server-process.js';
import { TestClient } from '../../support/test-client.js';
import { wireOf } from '../../support/wire.js';
import { brokenMessage } from './broken-messages.js';
import { Random } from './random.js';

const BURST = 50;
/** A message may hold up the others for this long, on a machine that does other things as well. */
const CANARY_WITHIN_MS = 2_000;

export interface FuzzResult {
  readonly sent: number;
  readonly connections: number;
  readonly slowestCanaryMs: number;
}

/** @throws Error naming the seed and the burst when the server stops serving */
export async function fuzz(
  server: ServerProcess,
  { seconds, seed }: { seconds: number; seed: number },
  onBurst: (sent: number) => void = () => undefined,
): Promise<FuzzResult> {
  const random = new Random(seed);
  const end = performance.now() + seconds * 1_000;
  const canary = await TestClient.connect(server.wsUrl, { key: server.adminKey });
  await canary.initialize();
  let connections = 0;
  let slowestCanaryMs = 0;
  try {
    while (performance.now() < end) {
      const burst = Array.from({ length: BURST }, () => brokenMessage(random));
      connections++;
      await sendAll(server, burst, random.below(4) !== 0);
      slowestCanaryMs = Math.max(slowestCanaryMs, await ask(canary));
      onBurst(connections * BURST);
    }
  } catch (error) {
    throw new Error(`seed ${seed}, burst ${connections}: ${(error as Error).message}`, { cause: error });
  }
  await canary.close();
  return { sent: connections * BURST, connections, slowestCanaryMs };
}

/** How long the server takes to answer somebody else. */
async function ask(canary: TestClient): Promise<number> {
  const startMs = performance.now();
  await canary.call('tool.execute', { name: 'echo', arguments: {} });
  const tookMs = performance.now() - startMs;
  if (tookMs > CANARY_WITHIN_MS) throw new Error(`others waited ${tookMs.toFixed(0)} ms`);
  return tookMs;
}

/** On a connection of their own, until they are all read or the server closes it. @throws where one met a bug */
async function sendAll(server: ServerProcess, burst: readonly (string | Buffer)[], initializes: boolean): Promise<void> {
  const wire = wireOf('binary');
  let bug: string | undefined;
  let ended: Promise<void> | undefined;
  await openSocket(server.wsUrl, { key: server.adminKey }, (socket) => {
    ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      for (const { error } of wire.read(data, isBinary)) if (error?.code === ErrorCode.SERVER_ERROR) bug = JSON.stringify(error);
    });
    socket.once('open', () => {
      if (initializes) socket.send(JSON.stringify({ id: 'hello', type: 0, method: 'initialize', params: { name: 'fuzz', version: '1' } }));
      for (const message of burst) socket.send(message, { binary: typeof message !== 'string' });
      // Its pong comes after the server has read all that went before.
      socket.once('pong', () => socket.close());
      socket.ping();
    });
  });
  await within('end of the connection that sent broken messages', ended as Promise<void>);
  if (bug !== undefined) throw new Error(`a handler threw: ${bug}`);
}
