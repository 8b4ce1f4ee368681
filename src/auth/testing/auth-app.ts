// The whole of authentication over a real database and Fastify, for specs. Others may add modules of their own.
import { Global, Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

import { Config } from '../../config/config.js';
import { Clock } from '../../extension/clock.js';
import { Database } from '../../storage/database.js';
import { AdminKey } from '../admin-key.js';
import { AuthModule } from '../auth.module.js';
import { KeyDatabase, StoppedClock } from './key-database.js';
import { testConfig } from './test-config.js';

export const TEST_ADMIN_KEY = 'an admin key of the configuration, long enough';

export interface AuthAppOptions {
  /** As an operator sets them. Default: `TEST_ADMIN_KEY` as the admin key. */
  readonly env?: Readonly<Record<string, string>>;
  readonly modules?: readonly (Type | DynamicModule)[];
  /** Whose the database is, for one that outlives the application. */
  readonly files?: KeyDatabase;
  readonly clock?: StoppedClock;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each spec knows the shape it asked for
}

export class AuthApp {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly clock: StoppedClock,
    readonly files: KeyDatabase,
  ) {}

  static async start({ env = { MCPW_ADMIN_KEY: TEST_ADMIN_KEY }, modules = [], ...given }: AuthAppOptions = {}): Promise<AuthApp> {
    const clock = given.clock ?? new StoppedClock();
    const files = given.files ?? new KeyDatabase(clock);
    const providers = [
      { provide: Config, useValue: testConfig(env) },
      { provide: Clock, useValue: clock },
      { provide: Database, useValue: files.open() },
    ];
    @Global()
    @Module({ imports: [AuthModule, ...modules], providers, exports: [Config, Clock, Database] })
    class RootModule {}

    const app = await NestFactory.create<NestFastifyApplication>(RootModule, new FastifyAdapter(), { logger: false, abortOnError: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return new AuthApp(app, clock, files);
  }

  /** The key that a first start makes. */
  makeFirstKey(): Promise<string | undefined> {
    return this.app.get(AdminKey).makeFirst();
  }

  /** A REST request, with this key as `Authorization: Bearer` unless it is null. */
  async rest(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    { key = TEST_ADMIN_KEY, body, headers = {} }: { key?: string | null; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<RestAnswer> {
    const answer = await this.app.inject({
      method,
      url,
      headers: { ...(key !== null && { authorization: `Bearer ${key}` }), ...headers },
      ...(body !== undefined && { payload: body as object }),
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body === '' ? undefined : (JSON.parse(answer.body) as unknown),
    };
  }

  async stop({ keepFiles = false } = {}): Promise<void> {
    await this.app.close();
    if (!keepFiles) this.files.discard();
  }
}
