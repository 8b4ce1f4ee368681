// What `npm run audit` can do, from words to text. Not how the log is checked: audit/audit-verifier.ts.
import { parseArgs } from 'node:util';

import type { ChainPosition } from '../audit/audit-chain.js';
import { verifyAudit, type AuditVerdict } from '../audit/audit-verifier.js';
import { UsageError } from './keys-command.js';

export const AUDIT_USAGE = `Checks the audit log in the data folder of this machine: that no line was changed, added or removed.

  npm run audit -- verify [--known <seal>:<hash>] [--json]

  --known takes a seal that an earlier check printed: it must still be in the log. Keep the last one elsewhere, and whoever can
  write the folder cannot write a log of their own unseen. The data folder is that of the server's settings: MCPW_DATA_DIR, else
  MCPW_CONFIG, else ./data. The server may run meanwhile.`;

const KNOWN = /^(\d{1,15}):([A-Za-z0-9_-]{43})$/;

export interface AuditCommandResult {
  readonly text: string;
  readonly isGood: boolean;
}

/**
 * @param args what follows `npm run audit --`
 * @param folder of the log
 * @throws UsageError
 */
export function runAuditCommand(args: readonly string[], folder: string): AuditCommandResult {
  const { known, json } = parse(args);
  const verdict = verifyAudit(folder, known);
  return { text: json ? JSON.stringify(verdict, undefined, 2) : describe(verdict, folder), isGood: verdict.problems.length === 0 };
}

function parse(args: readonly string[]): { known: ChainPosition | undefined; json: boolean } {
  const { values, positionals } = parsedArgs(args);
  if (positionals.length !== 1 || positionals[0] !== 'verify') {
    throw new UsageError(positionals.length === 0 ? 'what is to be done?' : `there is no command ${positionals.join(' ')}`);
  }
  return { known: values.known === undefined ? undefined : knownSeal(values.known), json: values.json === true };
}

function parsedArgs(args: readonly string[]): { values: { known?: string; json?: boolean }; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: { known: { type: 'string' }, json: { type: 'boolean' } }, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function knownSeal(text: string): ChainPosition {
  const match = KNOWN.exec(text);
  if (match === null) throw new UsageError('--known takes a seal as an earlier check printed it: 17:<43 characters>');
  return { seal: Number(match[1]), hash: match[2] as string };
}

function describe({ files, groups, records, last, first, newest, problems, notes }: AuditVerdict, folder: string): string {
  const span = first === undefined ? '' : `, from ${first} to ${newest}`;
  const lines = [`${folder}: ${records} records in ${groups} groups in ${files} files${span}`];
  lines.push(...notes.map((note) => `note: ${note}`), ...problems.map((problem) => `PROBLEM: ${problem}`));
  lines.push(problems.length === 0 ? 'The chain is whole.' : `${problems.length} problems.`);
  if (last.seal > 0) lines.push(`The last seal is ${last.seal}:${last.hash}`);
  return lines.join('\n');
}
