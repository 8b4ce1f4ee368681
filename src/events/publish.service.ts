// Events that clients (PROTOCOL.md §5 `event.publish`) and teams' own modules publish. The server's are published by the changes they tell of.
import { Inject, Injectable } from '@nestjs/common';
import { MAX_DEPTH } from '@mcpw/protocol';

import { Config } from '../config/config.js';
import type { Caller } from '../extension/caller.js';
import { Failure, type ParamError } from '../extension/failure.js';
import { Database } from '../storage/database.js';
import { claimKey } from '../storage/recorded-answer.js';
import { jsonValueError } from '../validation/json-value.js';
import { shortPath } from '../validation/param-errors.js';
import { eventNameProblem, isReserved } from './event-name.js';
import type { LoneEvent, eventWrites } from './event-writes.js';

/** Room in a message for what an `event` notification says beside its data. */
const NOTIFICATION_BYTES = 1024;

@Injectable()
export class PublishService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Config) private readonly config: Config,
  ) {}

  /**
   * Answers once the event is on disk.
   * @throws Failure `invalid_params` for a name that is malformed or begins with one of the server's own prefixes, and for data
   * that is not JSON; `too_large` where the notification of it would not fit into a message
   */
  async publish(caller: Caller, { event, data }: { event: string; data: unknown }): Promise<{ cursor: string }> {
    const problem = problemOf(event, data);
    if (problem !== undefined) throw Failure.invalidParams([problem]);
    const { principal, once } = caller;
    const answer = await this.write({ tenant: principal.tenant, event, data, ...(once && { once: claimKey(once) }) });
    if (once !== undefined) once.recorded = true;
    return answer;
  }

  /**
   * Of a module of this server. Answers once the event is on disk.
   * @param given as `JSON.stringify` takes it: members that are undefined are left out, dates are texts
   * @throws TypeError where a client would get `invalid_params`, for no caller can mend what a module says; Failure `too_large`
   */
  async publishOwn(tenant: string, event: string, given: unknown): Promise<{ cursor: string }> {
    const fail = (problem: string): never => {
      throw new TypeError(`the event ${JSON.stringify(event)} is not published: ${problem}`);
    };
    if (tenant === '') fail('it is for no tenant');
    const data = asJson(given, fail);
    const problem = problemOf(event, data);
    if (problem !== undefined) fail(`${problem.path} ${problem.message}`);
    return this.write({ tenant, event, data });
  }

  private async write(event: LoneEvent): Promise<{ cursor: string }> {
    const bytes = Buffer.byteLength(JSON.stringify(event.data));
    const limit = this.config.websocket.maxMessageBytes - NOTIFICATION_BYTES;
    if (bytes > limit)
      throw new Failure('too_large', `data of ${bytes} bytes exceeds ${limit}, max_message_size less ${NOTIFICATION_BYTES}`);
    return this.database.write<typeof eventWrites, 'event.publish'>('event.publish', event);
  }
}

/** Data is to be as JSON has it: from a binary peer it may hold what JSON has no words for. */
function problemOf(event: string, data: unknown): ParamError | undefined {
  const name = eventNameProblem(event) ?? (isReserved(event) ? 'begins with a prefix that only the server itself uses' : undefined);
  if (name !== undefined) return { path: '/event', message: name };
  if (data === undefined) return { path: '/data', message: 'is required' };
  const error = jsonValueError(data, '/data', MAX_DEPTH);
  return error && { ...error, path: shortPath(error.path) };
}

/** Undefined where JSON has no word for it. */
function asJson(given: unknown, fail: (problem: string) => never): unknown {
  try {
    const json = JSON.stringify(given) as string | undefined;
    return json === undefined ? undefined : JSON.parse(json);
  } catch (error) {
    return fail(`/data ${(error as Error).message}`);
  }
}
