// Events that clients publish (PROTOCOL.md §5 `event.publish`). The server's own are published by the changes they tell of.
import { Inject, Injectable } from '@nestjs/common';
import { MAX_DEPTH } from '@mcpw/protocol';

import { Config } from '../config/config.js';
import type { Caller } from '../extension/caller.js';
import { Failure } from '../extension/failure.js';
import { Database } from '../storage/database.js';
import { claimKey } from '../storage/recorded-answer.js';
import { jsonValueError } from '../validation/json-value.js';
import { shortPath } from '../validation/param-errors.js';
import { eventNameProblem, isReserved } from './event-name.js';
import type { eventWrites } from './event-writes.js';

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
  async publish(caller: Caller, params: { event: string; data: unknown }): Promise<{ cursor: string }> {
    const { event } = params;
    const problem = eventNameProblem(event) ?? (isReserved(event) ? 'begins with a prefix that only the server itself uses' : undefined);
    if (problem !== undefined) throw Failure.invalidParams([{ path: '/event', message: problem }]);
    const data = this.checked(params.data);
    const { principal, once } = caller;
    const answer = await this.database.write<typeof eventWrites, 'event.publish'>('event.publish', {
      tenant: principal.tenant,
      event,
      data,
      ...(once && { once: claimKey(once) }),
    });
    if (once !== undefined) once.recorded = true;
    return answer;
  }

  /** The data as JSON has it: from a binary peer it may hold what JSON has no words for. */
  private checked(data: unknown): unknown {
    if (data === undefined) throw Failure.invalidParams([{ path: '/data', message: 'is required' }]);
    const error = jsonValueError(data, '/data', MAX_DEPTH);
    if (error !== undefined) throw Failure.invalidParams([{ ...error, path: shortPath(error.path) }]);
    const bytes = Buffer.byteLength(JSON.stringify(data));
    const limit = this.config.websocket.maxMessageBytes - NOTIFICATION_BYTES;
    if (bytes > limit)
      throw new Failure('too_large', `data of ${bytes} bytes exceeds ${limit}, max_message_size less ${NOTIFICATION_BYTES}`);
    return data;
  }
}
