// Starts load processes and gives them jobs.
import { fork } from 'node:child_process';
import { join } from 'node:path';

import type { Job, JobResult } from './load-jobs.js';

const FILE = join(import.meta.dirname, 'load-process.ts');

export interface RunningLoad {
  readonly result: Promise<JobResult>;
  /** Ends the process, and with it its connections. */
  stop(): Promise<void>;
}

export function startLoad(job: Job): RunningLoad {
  const child = fork(FILE, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const result = new Promise<JobResult>((resolve, reject) => {
    child.once('message', (message: { result: JobResult } | { error: string }) => {
      if ('result' in message) resolve(message.result);
      else reject(new Error(message.error));
    });
    child.once('exit', (code) => reject(new Error(`the load process ended with ${code}`)));
  });
  child.send(job);
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { result, stop };
}

/** Does a job in a process of its own. */
export async function load(job: Job): Promise<JobResult> {
  const running = startLoad(job);
  try {
    return await running.result;
  } finally {
    await running.stop();
  }
}
