// Runs a request with an idempotency key once (PROTOCOL.md §6): whoever asks again gets the first answer, also after a restart.
import { Inject, Injectable, Logger } from '@nestjs/common';

import { Config } from '../config/config.js';
import type { OnceClaim } from '../extension/caller.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { Database } from '../storage/database.js';
import { claimKey } from '../storage/recorded-answer.js';
import type { idempotencyWrites } from './idempotency-writes.js';
import { decodeOutcome, encodeOutcome, type Outcome, outcomeOf, replay } from './outcome.js';

interface RunningRequest {
  readonly paramsHash: string;
  readonly outcome: Promise<unknown>;
}

interface RecordedAnswer {
  readonly params_hash: string;
  readonly answer: Uint8Array | string;
}

const FIND = 'SELECT params_hash, answer FROM recorded_answer WHERE principal = ? AND method = ? AND key = ? AND at > ?';

@Injectable()
export class IdempotencyService {
  private readonly logger = new Logger('Idempotency');
  /** Bounded by the requests in flight. */
  private readonly running = new Map<string, RunningRequest>();

  constructor(
    @Inject(Database) private readonly db: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Config) private readonly config: Config,
  ) {}

  /**
   * The result of `execute`, or that of the request that came first with the claim's principal, method and key: waits for it
   * where it is still running. A failure after which the request may be tried again (`unavailable`, `rate_limited` …) is no answer.
   * @throws what `execute` throws or threw; Failure conflict where the first request had other params
   */
  run(claim: OnceClaim, execute: () => unknown): Promise<unknown> {
    const key = JSON.stringify([claim.principalId, claim.method, claim.key]);
    const first = this.running.get(key);
    if (first) return first.paramsHash === claim.paramsHash ? first.outcome : Promise.reject(otherParams(claim));
    const outcome = this.runOnce(claim, execute).finally(() => this.running.delete(key));
    this.running.set(key, { paramsHash: claim.paramsHash, outcome });
    return outcome;
  }

  private async runOnce(claim: OnceClaim, execute: () => unknown): Promise<unknown> {
    const recorded = this.find(claim);
    if (recorded) {
      if (recorded.params_hash !== claim.paramsHash) throw otherParams(claim);
      return replay(decodeOutcome(recorded.answer));
    }
    try {
      const result = await execute();
      if (!claim.recorded) await this.record(claim, { result });
      return result;
    } catch (error) {
      const outcome = outcomeOf(error);
      if (outcome) await this.record(claim, outcome);
      throw error;
    }
  }

  private find({ principalId, method, key }: OnceClaim): RecordedAnswer | undefined {
    const oldest = this.clock.now() - this.config.sessions.idempotencyWindowMs;
    return this.db.prepare(FIND).get(principalId, method, key, oldest) as unknown as RecordedAnswer | undefined;
  }

  /** What ran cannot be undone: if its answer cannot be kept it is given all the same, and a second request may run again. */
  private async record(claim: OnceClaim, outcome: Outcome): Promise<void> {
    try {
      const args = { claim: claimKey(claim), answer: encodeOutcome(outcome) };
      await this.db.write<typeof idempotencyWrites, 'idempotency.record'>('idempotency.record', args);
    } catch (error) {
      this.logger.warn({ msg: `the answer to a ${claim.method} with an idempotency key could not be kept`, err: error });
    }
  }
}

const otherParams = ({ method }: OnceClaim): Failure =>
  new Failure('conflict', `this idempotency key was used for a ${method} with other params`);
