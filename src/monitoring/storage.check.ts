// Whether the database answers in time. Says nothing of why not: this endpoint is open.
import { Inject, Injectable } from '@nestjs/common';

import { Database } from '../storage/database.js';
import type { HealthCheck, HealthReading } from './health-check.js';

/** A probe gives up after a few seconds: answer before it does. */
export const STORAGE_TIMEOUT_MS = 1_000;

@Injectable()
export class StorageCheck implements HealthCheck {
  readonly name = 'storage';
  readonly isSilentWhileHealthy = true;

  constructor(@Inject(Database) private readonly database: Database) {}

  async read(): Promise<HealthReading> {
    return { status: (await this.answers()) ? 'healthy' : 'unhealthy' };
  }

  async answers(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), STORAGE_TIMEOUT_MS);
    });
    try {
      const answered = this.database.check().then(
        () => true,
        () => false,
      );
      return await Promise.race([answered, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}
