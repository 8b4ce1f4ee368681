import { describe, expect, it } from 'vitest';

import { Emitter } from './emitter.js';

describe('Emitter', () => {
  it('tells all listeners of a name, until they are taken back', () => {
    const emitter = new Emitter<{ a: number; b: string }>();
    const log: unknown[] = [];
    const stop = emitter.on('a', (value) => log.push(['first', value]));
    emitter.on('a', (value) => log.push(['second', value]));
    emitter.emit('a', 1);
    stop();
    emitter.emit('a', 2);
    emitter.emit('b', 'nobody');
    expect(log).toEqual([
      ['first', 1],
      ['second', 1],
      ['second', 2],
    ]);
  });

  it('goes on after a listener that throws, whose error is not lost', async () => {
    const emitter = new Emitter<{ a: number }>();
    const log: number[] = [];
    emitter.on('a', () => {
      throw new Error('of the listener');
    });
    emitter.on('a', (value) => log.push(value));
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    try {
      const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
      emitter.emit('a', 1);
      expect(log).toEqual([1]);
      expect(await uncaught).toEqual(new Error('of the listener'));
    } finally {
      for (const listener of before) process.on('uncaughtException', listener);
    }
  });
});
