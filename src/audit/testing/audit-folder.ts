// A data folder with an audit log for specs, and what is in it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { testConfig } from '../../auth/testing/test-config.js';
import { StoppedClock } from '../../auth/testing/key-database.js';
import type { Config } from '../../config/config.js';
import { auditFilesOf, auditFolder } from '../audit-files.js';
import { AuditRecorder } from '../audit-recorder.js';
import { parseRecord, type AuditRecord } from '../audit-record.js';

export class AuditTestFolder {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'mcpw-audit-'));
  readonly folder = auditFolder(this.dataDir);
  readonly clock = new StoppedClock();
  private readonly recorders: AuditRecorder[] = [];

  config(env: Readonly<Record<string, string>> = {}): Config {
    return testConfig({ MCPW_DATA_DIR: this.dataDir, ...env });
  }

  recorder(env: Readonly<Record<string, string>> = {}): AuditRecorder {
    const recorder = new AuditRecorder(this.config(env), this.clock);
    this.recorders.push(recorder);
    return recorder;
  }

  lines(): string[] {
    return auditFilesOf(this.folder).flatMap(({ path }) => readFileSync(path, 'utf8').trimEnd().split('\n'));
  }

  records(): AuditRecord[] {
    return this.lines().flatMap((line) => parseRecord(line) ?? []);
  }

  discard(): void {
    for (const recorder of this.recorders) recorder.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Resolves when what this turn of the event loop has recorded is written. */
export const turnEnd = (): Promise<void> => new Promise((resolve) => void setImmediate(() => setImmediate(resolve)));
