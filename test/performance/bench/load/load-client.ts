// Starts load processes and gives them jobs.
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import type { Job, JobResult, Question } from './load-jobs.js';

const FILE = join(import.meta.dirname, 'load-process.ts');

const ANSWERED_WITHIN_MS = 90_000;

type Answer = { result: JobResult } | { error: string };

/** A load whose connections are open, and which waits to be told to run. */
export class Load {
  private constructor(
    private readonly child: ChildProcess,
    private readonly job: Job,
  ) {}

  /** Resolves when the job's connections are open. */
  static async open(job: Job): Promise<Load> {
    const running = new Load(fork(FILE, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }), job);
    try {
      await running.ask({ job });
      return running;
    } catch (error) {
      await running.close();
      throw error;
    }
  }

  /** @param burst of a fan-out: events that are published in one message */
  async run(seconds: number, burst?: number): Promise<JobResult> {
    return this.ask({ seconds, burst });
  }

  /** Ends the process, and with it its connections. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => void this.child.once('exit', () => resolve()));
    this.child.kill('SIGKILL');
    await ended;
  }

  private async ask(question: Question): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`the load process ended with ${code}`));
      const timer = setTimeout(() => reject(new Error(`no end to ${JSON.stringify(this.job)}`)), ANSWERED_WITHIN_MS);
      this.child.once('exit', onExit);
      this.child.once('message', (answer: Answer) => {
        clearTimeout(timer);
        this.child.off('exit', onExit);
        if ('result' in answer) resolve(answer.result);
        else reject(new Error(answer.error));
      });
      this.child.send(question);
    });
  }
}
