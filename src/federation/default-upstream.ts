// What a server that nobody has configured federates: a file server on a folder of its own, so that the first `tool.list` shows
// tools that do something.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

import { readMcpServers, type McpServer } from '../config/mcp-server.js';

const PACKAGE = '@modelcontextprotocol/server-filesystem';
const FOLDER = 'workspace';
/** The operator's: a folder that several tenants shared would be a way from one to another. */
const TENANT = 'default';

/** Makes the folder. @returns servers by name; none where the package is not installed */
export function defaultUpstreams(dataDir: string): ReadonlyMap<string, McpServer> {
  const program = programOf(PACKAGE);
  if (program === undefined) return new Map();
  const folder = resolve(dataDir, FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return readMcpServers({ files: { command: process.execPath, args: [program, folder], tenants: [TENANT] } }).servers;
}

function programOf(name: string): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> };
    const [file] = Object.values(bin);
    return file === undefined ? undefined : join(dirname(manifest), file);
  } catch {
    return undefined;
  }
}
