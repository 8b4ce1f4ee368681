// The demo upstream as a process of its own, and as an entry of `mcpServers`.
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

import { within } from '../../support/deadline.js';

/** On a machine that does much else. */
const START_MS = 60_000;
const PROGRAM = resolve(import.meta.dirname, '../fixtures/demo-upstream.ts');

export type Kind = 'stdio' | 'http' | 'sessions' | 'ws';

/** One that the server starts itself; `older`: of the older era only. */
export const demoCommand = (kind: 'stdio' | 'older' = 'stdio'): { command: string; args: string[] } => ({
  command: process.execPath,
  args: [PROGRAM, kind],
});

/** One that is there already, on a port. Killed with `kill`, and started again there with `start`. */
export class DemoServer {
  port = 0;
  private child: ChildProcess | undefined;

  constructor(private readonly kind: Exclude<Kind, 'stdio'>) {}

  get entry(): { type: string; url: string } {
    const path = `127.0.0.1:${this.port}/mcp`;
    return this.kind === 'ws' ? { type: 'ws', url: `ws://${path}` } : { type: 'http', url: `http://${path}` };
  }

  async start(): Promise<this> {
    const child = spawn(process.execPath, [PROGRAM, this.kind, String(this.port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    const line = await within('start of the upstream', new Promise<Buffer>((done) => child.stdout.once('data', done)), START_MS);
    this.port = Number(/ready (\d+)/.exec(line.toString())?.[1]);
    return this;
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await within('end of the upstream', ended);
  }
}

/** Whether a process is there, and no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
