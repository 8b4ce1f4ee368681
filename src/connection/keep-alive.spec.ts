import { beforeEach, describe, expect, it } from 'vitest';

import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { Failure } from '../extension/failure.js';
import { BufferPool } from './buffer-pool.js';
import { Connection, type Identity } from './connection.js';
import { ConnectionRegistry } from './connection-registry.js';
import { ConnectionState } from './connection-state.js';
import { FlushQueue } from './flush-queue.js';
import { KeepAlive } from './keep-alive.js';
import type { MessageCodec } from './message-codec.js';
import type { SocketPort } from './socket-port.js';

let now = 0;
const clock = { now: () => now };
const config = configOf();
const codec = {} as MessageCodec; // nothing is encoded here

function configOf(): Config {
  const loaded = loadConfig({}, () => '');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

function identity(expiresAt?: number): Identity {
  return {
    principal: { id: 'key:1', tenant: 't', scopes: [] },
    credential: { kind: 'api_key', id: '1', expiresAt },
    credentialHash: '',
  };
}

function setup(who: Identity | undefined) {
  const log: string[] = [];
  const socket: SocketPort = {
    write: () => undefined, // a peer that takes nothing
    holdsBytes: true,
    onceTaken: () => undefined,
    writeTogether: (writes) => writes(),
    ping: () => log.push('ping'),
    pause: () => undefined,
    resume: () => undefined,
    close: (code) => log.push(`close ${code}`),
    terminate: () => log.push('terminate'),
  };
  const outbox = {
    pool: new BufferPool(4096),
    flushQueue: new FlushQueue(),
    highWaterBytes: 65536,
    limitBytes: 1e6,
    onSent: () => undefined,
    now: clock.now,
  };
  const connection = new Connection({ socket, codec, outbox, address: '192.0.2.1', openedAt: now, identity: who });
  const registry = new ConnectionRegistry(config);
  registry.add(connection);
  const keepAlive = new KeepAlive(config, clock, registry);
  const at = (ms: number): string[] => {
    now = ms;
    keepAlive.sweep();
    return log.splice(0);
  };
  return { connection, at };
}

beforeEach(() => void (now = 0));

describe('KeepAlive', () => {
  it('asks the silent after the ping interval, and ends who gives no sign within the pong timeout', () => {
    const { connection, at } = setup(identity());
    connection.move(ConnectionState.CONNECTED);
    expect(at(29_999)).toEqual([]);
    expect(at(30_000)).toEqual(['ping']);
    expect(at(89_999)).toEqual([]);
    expect(at(90_000)).toEqual(['close 4508']);
  });

  it('takes any message for a sign of life', () => {
    const { connection, at } = setup(identity());
    connection.move(ConnectionState.CONNECTED);
    expect(at(30_000)).toEqual(['ping']);
    connection.lastSeenAt = 50_000;
    expect(at(79_999)).toEqual([]);
    expect(at(80_000)).toEqual(['ping']);
  });

  it('does not take a peer for dead that it has stopped reading itself', () => {
    const { connection, at } = setup(identity());
    connection.move(ConnectionState.CONNECTED);
    expect(at(30_000)).toEqual(['ping']);
    connection.pause();
    expect([at(60_000), at(90_000), at(200_000)]).toEqual([[], [], []]);
    connection.resume();
    expect(at(229_999)).toEqual([]);
    expect(at(230_000)).toEqual(['ping']);
    expect(at(290_000)).toEqual(['close 4508']);
  });

  it('gives five seconds for initialize to who brought no credential, and the configured time to others', () => {
    const anonymous = setup(undefined);
    expect(anonymous.at(4_999)).toEqual([]);
    expect(anonymous.at(5_000)).toEqual(['close 4408']);
    now = 0;
    const known = setup(identity());
    expect(known.at(config.websocket.initializeTimeoutMs - 1)).toEqual([]);
    expect(known.at(config.websocket.initializeTimeoutMs)).toEqual(['close 4408']);
  });

  it('closes a connection whose credential has expired', () => {
    const { connection, at } = setup(identity(10_000));
    connection.move(ConnectionState.CONNECTED);
    expect(at(9_999)).toEqual([]);
    expect(at(10_000)).toEqual(['close 4401']);
  });

  it('gives up a connection that has taken nothing for ten seconds', () => {
    const { connection, at } = setup(identity());
    connection.move(ConnectionState.CONNECTED);
    connection.outbox.send('stuck');
    connection.outbox.flush();
    expect(at(10_000)).toEqual([]);
    expect(at(10_001)).toEqual(['close 4513']);
  });

  it('gives up calls that have run out of time', () => {
    const { connection, at } = setup(identity());
    connection.move(ConnectionState.CONNECTED);
    const aborted: Failure[] = [];
    connection.calls.set('1', { id: '1', deadline: 500, abort: (failure) => aborted.push(failure), abandon: () => undefined });
    at(499);
    expect(aborted).toHaveLength(0);
    at(500);
    expect(aborted.map(({ kind }) => kind)).toEqual(['timed_out']);
  });
});
