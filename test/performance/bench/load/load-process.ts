// The load: a process of its own, so that its cost is not the server's. Opens a job's connections, then runs it when asked.
import { fanOut } from './fan-out.js';
import { handshakes } from './handshakes.js';
import { http } from './http-requests.js';
import { idle } from './idle.js';
import { NOTHING, type Job, type JobResult, type Question, type Runnable } from './load-jobs.js';
import { requests } from './requests.js';
import { storm } from './storm.js';
import { writers } from './writers.js';

let opened: Runnable | undefined;

process.on('message', (question: Question) => {
  answer(question).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

async function answer(question: Question): Promise<JobResult> {
  if ('seconds' in question) return opened?.run(question.seconds, question.burst) ?? NOTHING;
  opened = await open(question.job);
  return NOTHING;
}

async function open(job: Job): Promise<Runnable> {
  switch (job.kind) {
    case 'requests':
      return requests(job);
    case 'http':
      return http(job);
    case 'idle':
      return idle(job);
    case 'handshakes':
      return handshakes(job);
    case 'fan-out':
      return fanOut(job);
    case 'storm':
      return storm(job);
    case 'writers':
      return writers(job);
  }
}
