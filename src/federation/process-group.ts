// A started program and all that it starts itself: one process group, ended as a whole.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import { GRACE_MS, type ProcessWarden } from './process-warden.js';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

export class ProcessGroup {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves when the program has ended, or could not be started. */
  readonly ended: Promise<void>;
  private hasEnded = false;

  constructor(
    { command, args, env, cwd }: Program,
    private readonly warden: ProcessWarden,
  ) {
    this.child = spawn(command, [...args], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      env: { ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    const { pid } = this.child;
    if (pid !== undefined) warden.add(pid);
    this.ended = new Promise((resolve) => {
      this.child.once('error', () => this.over(resolve));
      this.child.once('exit', () => this.over(resolve));
    });
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Its input ends; who does not end by that gets SIGTERM, then SIGKILL. Resolves when it has ended. */
  async end(): Promise<void> {
    if (this.hasEnded) return;
    this.child.stdin.end();
    const timers = [setTimeout(() => this.signal('SIGTERM'), GRACE_MS), setTimeout(() => this.signal('SIGKILL'), 2 * GRACE_MS)];
    await this.ended;
    for (const timer of timers) clearTimeout(timer);
  }

  /** Without asking. */
  kill(): void {
    if (!this.hasEnded) this.signal('SIGKILL');
  }

  /** The leader has ended: what it left behind ends too, now, while the group's number is still its own. */
  private over(resolve: () => void): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.signal('SIGKILL');
    if (this.pid !== undefined) this.warden.drop(this.pid);
    resolve();
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // No process of the group is left.
    }
  }
}
