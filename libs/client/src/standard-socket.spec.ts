import { describe, expect, it } from 'vitest';

import { openStandardSocket, type StandardWebSocket } from './standard-socket.js';

class FakeWebSocket implements StandardWebSocket {
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly log: unknown[] = [];

  send(data: string | Uint8Array): void {
    this.log.push(['send', data]);
  }

  close(code?: number, reason?: string): void {
    this.log.push(['close', code, reason]);
  }
}

function open(): { socket: FakeWebSocket; log: unknown[]; controller: AbortController; opening: ReturnType<typeof openStandardSocket> } {
  const socket = new FakeWebSocket();
  const log: unknown[] = [];
  const controller = new AbortController();
  const events = {
    message: (data: string | Uint8Array) => log.push(data),
    activity: () => log.push('activity'),
    closed: (code: number, reason: string) => log.push([code, reason]),
  };
  const opening = openStandardSocket(() => socket, events, controller.signal);
  opening.catch(() => undefined);
  return { socket, log, controller, opening };
}

describe('openStandardSocket', () => {
  it('passes messages both ways, bytes as bytes', async () => {
    const { socket, log, opening } = open();
    socket.onopen?.();
    const opened = await opening;
    socket.onmessage?.({ data: 'text' });
    socket.onmessage?.({ data: Uint8Array.of(1, 2).buffer });
    opened.send('out');
    opened.close(1000, 'done');
    expect(socket.binaryType).toBe('arraybuffer');
    expect(log).toEqual(['text', Uint8Array.of(1, 2)]);
    expect(socket.log).toEqual([
      ['send', 'out'],
      ['close', 1000, 'done'],
    ]);
  });

  it('is rejected where it closes before it opened', async () => {
    const { socket, log, opening } = open();
    socket.onerror?.({});
    socket.onclose?.({ code: 1006, reason: '' });
    await expect(opening).rejects.toThrow('could not be opened');
    expect(log).toEqual([]);
  });

  it('is rejected with the reason where it is given up', async () => {
    const { controller, socket, opening } = open();
    controller.abort(new Error('too long'));
    await expect(opening).rejects.toThrow('too long');
    expect(socket.log).toEqual([['close', undefined, undefined]]);
  });

  it('tells its end once, and nothing after it', async () => {
    const { socket, log, opening } = open();
    socket.onopen?.();
    (await opening).terminate();
    socket.onmessage?.({ data: 'late' });
    socket.onclose?.({ code: 1000, reason: 'late' });
    expect(log).toEqual([[1006, 'given up']]);
  });
});
