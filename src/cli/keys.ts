#!/usr/bin/env node
// `npm run keys`: API keys, straight in the database of the data folder. It needs no key and no server: who may write the
// folder has both. A server that runs on the folder looks for such changes each second.
import 'reflect-metadata';

import { existsSync } from 'node:fs';

import { PostedAuditLog } from '../audit/posted-audit-log.js';
import { ApiKeyService } from '../auth/api-key.service.js';
import { CredentialEvents } from '../auth/credential-events.js';
import { SqlApiKeyStore } from '../auth/sql-api-key-store.js';
import { describeProblems } from '../config/config-problem.js';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { secureDataFolder } from '../data-folder.js';
import { systemClock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { StartFailure } from '../start-failure.js';
import { databaseFile } from '../storage/connection.js';
import { InlineDatabase } from '../storage/inline-database.js';
import { writeCatalog } from '../write-catalog.js';
import { runKeysCommand, USAGE, UsageError } from './keys-command.js';

const FAILED = 1;
const WRONG_USAGE = 2;

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return args.length === 0 ? WRONG_USAGE : 0;
  }
  const loaded = loadConfig();
  if ('problems' in loaded) {
    console.error(`The settings are wrong:\n${describeProblems(loaded.problems)}`);
    return FAILED;
  }
  const { dataDir } = loaded.config;
  if (args[0] !== 'create' && !existsSync(databaseFile(dataDir))) {
    console.error(`there is no database in ${dataDir}: MCPW_DATA_DIR names the server's data folder`);
    return FAILED;
  }
  const database = open(loaded.config);
  if (database === undefined) return FAILED;
  try {
    const store = new SqlApiKeyStore(database, systemClock, new CredentialEvents());
    const audit = new PostedAuditLog(database);
    console.log(await runKeysCommand(args, new ApiKeyService(store, systemClock, audit), systemClock, (note) => console.error(note)));
    await audit.settled();
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${USAGE}`);
      return WRONG_USAGE;
    }
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    return FAILED;
  } finally {
    database.close();
  }
}

/** Undefined where it cannot be used, which is told. */
function open({ dataDir, storage }: Config): InlineDatabase | undefined {
  const file = databaseFile(dataDir);
  try {
    secureDataFolder(dataDir);
    return new InlineDatabase({ ...writeCatalog, file, clock: systemClock, busyTimeoutMs: storage.busyTimeoutMs });
  } catch (error) {
    console.error(error instanceof StartFailure ? error.message : `the database ${file} cannot be used: ${(error as Error).message}`);
    return undefined;
  }
}

process.exitCode = await main(process.argv.slice(2));
