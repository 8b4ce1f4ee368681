// The chain that ties the log's groups together: each group's seal has the SHA-256 of the seal before it and of the group's own
// bytes, so that a line that was removed, changed, added or moved shows. Not keyed: who can write all of the folder can make a
// chain of their own; for that case note the last seal elsewhere (`npm run audit -- verify` prints it).
import { hash } from 'node:crypto';

/** Where the chain stands: after the seal with this number. */
export interface ChainPosition {
  readonly seal: number;
  /** Base64url. */
  readonly hash: string;
}

export const CHAIN_START: ChainPosition = { seal: 0, hash: hash('sha256', 'mcpw audit log 1', 'base64url') };

/** @param records whole lines, each with its line feed */
export function sealed({ seal, hash: before }: ChainPosition, records: string | Uint8Array): ChainPosition {
  const next = seal + 1;
  const begin = `${next} ${before}\n`;
  // Text in one go: 3 µs for 4 KB in place of 6.
  const content = typeof records === 'string' ? begin + records : Buffer.concat([Buffer.from(begin), records]);
  return { seal: next, hash: hash('sha256', content, 'base64url') };
}

/** The line that ends a group, with its line feed. */
export const sealLine = ({ seal, hash: digest }: ChainPosition): string => `{"seal":${seal},"hash":"${digest}"}\n`;

const SEAL = /^\{"seal":(\d{1,15}),"hash":"([A-Za-z0-9_-]{43})"\}$/;

/** @param line without its line feed */
export function parseSeal(line: string): ChainPosition | undefined {
  const match = SEAL.exec(line);
  return match === null ? undefined : { seal: Number(match[1]), hash: match[2] as string };
}

/** A file's first line: which file it is, and where the chain stood when it began. */
export const headLine = (file: number, { seal, hash: digest }: ChainPosition): string =>
  `{"audit":1,"file":${file},"after":${seal},"hash":"${digest}"}\n`;

const HEAD = /^\{"audit":1,"file":(\d{1,8}),"after":(\d{1,15}),"hash":"([A-Za-z0-9_-]{43})"\}$/;

/** @param line without its line feed */
export function parseHead(line: string): { readonly file: number; readonly position: ChainPosition } | undefined {
  const match = HEAD.exec(line);
  if (match === null) return undefined;
  return { file: Number(match[1]), position: { seal: Number(match[2]), hash: match[3] as string } };
}
