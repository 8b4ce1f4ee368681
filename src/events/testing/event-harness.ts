// The events feature over a real database file, for its specs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import type { Config } from '../../config/config.js';
import { fakeCaller } from '../../extension/testing/fake-caller.js';
import { FakeChannel } from '../../extension/testing/fake-channel.js';
import { eventLogMigration } from '../../storage/event-log.js';
import { InlineDatabase } from '../../storage/inline-database.js';
import type { NewEvent, WriteContext } from '../../storage/write-program.js';
import { CatchUp } from '../catch-up.js';
import { EventAnnouncer } from '../event-announcer.js';
import { EventLog } from '../event-log.js';
import { EventSweeper } from '../event-sweeper.js';
import { eventWrites } from '../event-writes.js';
import { EventService, type SubscribeParams } from '../event.service.js';
import { LiveDelivery } from '../live-delivery.js';
import { LogEnd } from '../log-end.js';
import { PublishService } from '../publish.service.js';
import { SubscriptionRegistry } from '../subscription-registry.js';

const programs = {
  ...eventWrites,
  'spec.publish': (tx: WriteContext, events: NewEvent[]) => events.map((event) => tx.publish(event).seq),
};

/** Retention 60 s and 100 events; messages of 64 KiB. */
export class EventHarness {
  now = 1_000_000;
  readonly clock = { now: () => this.now };
  readonly database: InlineDatabase;
  readonly registry = new SubscriptionRegistry();
  readonly end = new LogEnd();
  readonly log: EventLog;
  readonly catchUp: CatchUp;
  readonly live: LiveDelivery;
  readonly events: EventService;
  readonly publishing: PublishService;
  readonly announcer: EventAnnouncer;
  readonly sweeper: EventSweeper;
  private readonly dir: string | undefined;

  /** @param file of an earlier harness, to start over on */
  constructor(readonly file = join(mkdtempSync(join(tmpdir(), 'mcpw-events-')), 'mcpw.db')) {
    this.dir = join(file, '..');
    this.database = new InlineDatabase({ file, programs, migrations: [eventLogMigration], clock: this.clock });
    this.log = new EventLog(this.database);
    this.catchUp = new CatchUp(this.registry, this.log, this.end);
    this.live = new LiveDelivery(this.registry, this.catchUp, this.log, this.end);
    this.events = new EventService(this.registry, this.catchUp, this.log, this.end);
    this.announcer = new EventAnnouncer(this.registry, this.clock);
    const config = {
      websocket: { maxMessageBytes: 65_536 },
      events: { retentionMs: 60_000, retentionCount: 100, sweepIntervalMs: 1_000 },
    } as Config;
    this.publishing = new PublishService(this.database, config);
    this.sweeper = new EventSweeper(this.database, config, this.clock);
    this.live.onModuleInit();
  }

  /** Ends what runs and closes the file, but keeps it. */
  stop(): void {
    this.live.onModuleDestroy();
    this.catchUp.onModuleDestroy();
    this.sweeper.onModuleDestroy();
    this.database.close();
  }

  remove(): void {
    this.stop();
    rmSync(this.dir ?? '', { recursive: true });
  }

  /** Publishes in one transaction, as a feature's change does. @returns the sequence numbers */
  publish(...events: Partial<NewEvent>[]): Promise<number[]> {
    const whole = events.map(({ tenant = 'acme', event = 'a.b', data = {} }) => ({ tenant, event, data }));
    return this.database.write<typeof programs, 'spec.publish'>('spec.publish', whole);
  }

  /** Subscribes a channel of its own. */
  subscribe(params: Partial<SubscribeParams> = {}, channel = new FakeChannel(), tenant = 'acme') {
    const result = this.events.subscribe(fakeCaller({ channel, tenant }), { events: ['**'], ...params });
    return { ...result, id: result.subscription_id, channel };
  }
}

/** Lets what is due happen: immediates, and what they make due. */
export async function settled(turns = 20): Promise<void> {
  for (let i = 0; i < turns; i++) await turn();
}

/** Sequence numbers of the events that the channel was sent, by their data's `n`. */
export const numbers = (channel: FakeChannel): unknown[] => channel.paramsOf('event').map(({ data }) => (data as { n: unknown }).n);
