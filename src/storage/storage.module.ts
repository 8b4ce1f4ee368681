// Gives the whole application the database. Opened before anything that asks for it starts, closed when all else has ended.
import { type DynamicModule, Global, Module } from '@nestjs/common';

import { Config } from '../config/config.js';
import { Clock } from '../extension/clock.js';
import { databaseFile } from './connection.js';
import { Database } from './database.js';
import { ThreadedDatabase } from './threaded-database.js';

export interface StorageModuleOptions {
  /** The composition root's thread module, which calls `runWriterThread` with every feature's programs and migrations. */
  readonly writerEntry: URL;
  /** The same for reads: it calls `runReaderThread`. */
  readonly readerEntry: URL;
}

@Global()
@Module({})
export class StorageModule {
  /** Needs global providers of `Config` and `Clock`. */
  static forRoot({ writerEntry, readerEntry }: StorageModuleOptions): DynamicModule {
    return {
      module: StorageModule,
      providers: [
        {
          provide: Database,
          inject: [Config, Clock],
          useFactory: (config: Config, clock: Clock) =>
            ThreadedDatabase.open({
              file: databaseFile(config.dataDir),
              busyTimeoutMs: config.storage.busyTimeoutMs,
              writerEntry,
              readerEntry,
              clock,
            }),
        },
      ],
      exports: [Database],
    };
  }
}
