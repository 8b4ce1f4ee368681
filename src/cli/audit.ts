#!/usr/bin/env node
// `npm run audit`: checks the audit log in the data folder.
import { auditFolder } from '../audit/audit-files.js';
import { describeProblems } from '../config/config-problem.js';
import { loadConfig } from '../config/load-config.js';
import { AUDIT_USAGE, runAuditCommand } from './audit-command.js';
import { UsageError } from './keys-command.js';

const FAILED = 1;
const WRONG_USAGE = 2;

function main(args: readonly string[]): number {
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) {
    console.log(AUDIT_USAGE);
    return args.length === 0 ? WRONG_USAGE : 0;
  }
  const loaded = loadConfig();
  if ('problems' in loaded) {
    console.error(`The settings are wrong:\n${describeProblems(loaded.problems)}`);
    return FAILED;
  }
  try {
    const { text, isGood } = runAuditCommand(args, auditFolder(loaded.config.dataDir));
    console.log(text);
    return isGood ? 0 : FAILED;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${AUDIT_USAGE}`);
    return WRONG_USAGE;
  }
}

process.exitCode = main(process.argv.slice(2));
