// SQLite alone, in a process of its own, asked for stretches of changes.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { NODE } from './slow-flush.js';

const FILE = join(import.meta.dirname, 'peers', 'sqlite-transactions.js');

export class SqliteTransactions {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: Interface,
  ) {}

  static async start(launcher = NODE): Promise<SqliteTransactions> {
    const child = spawn(launcher.command, [...launcher.args, FILE], { stdio: ['pipe', 'pipe', 'inherit'] });
    return Promise.resolve(new SqliteTransactions(child, createInterface({ input: child.stdout })));
  }

  /** @returns changes a second */
  async run(seconds: number, content: string): Promise<number> {
    this.child.stdin.write(`${JSON.stringify({ seconds, content })}\n`);
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`SQLite's process ended with ${code}`));
      this.child.once('exit', onExit);
      this.lines.once('line', (line) => {
        this.child.off('exit', onExit);
        resolve(Number(line));
      });
    });
  }

  /** It removes its folder when its input ends. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin.end();
    await ended;
  }
}
