// What `npm run try` does, from words to printed text. How it talks to the server: try-session.ts.
import { parseArgs } from 'node:util';

import { table } from './table.js';
import { TryError, TrySession } from './try-session.js';

export const USAGE = `Connects to a server, introduces itself, and calls a method: tool.list unless another is named.

  npm run try -- [--key <API key or JWT>] [--url ws://127.0.0.1:8080/ws] [--watch] [method] [params as JSON]

  export MCPW_KEY=mcpw_…
  npm run try -- tool.execute '{"name":"echo","arguments":{"hello":"world"}}'
  npm run try -- --watch event.subscribe '{"events":["**"]}'

  The key is that of --key, which other users of this machine can see, else that of MCPW_KEY, else the server's MCPW_ADMIN_KEY.
  --watch stays connected and prints what the server sends.`;

export interface TryDefaults {
  readonly url: string;
  readonly key: string | undefined;
}

export interface TryCall extends TryDefaults {
  readonly method: string;
  readonly params: unknown;
  readonly isWatching: boolean;
}

/** @throws TryError when the words make no call */
export function parseTry(args: readonly string[], defaults: TryDefaults): TryCall {
  const { values, positionals } = parsedArgs(args);
  const [method = 'tool.list', params = '{}', ...rest] = positionals;
  if (rest.length > 0) throw new TryError(`too many words: ${rest.join(' ')}; JSON with spaces needs quotes around it`);
  return {
    url: values.url ?? defaults.url,
    key: values.key ?? defaults.key,
    method,
    params: readParams(params),
    isWatching: values.watch === true,
  };
}

/** Prints as it goes. Resolves when all is said, and the connection closed. @throws TryError */
export async function runTry({ url, key, method, params, isWatching }: TryCall, print: (text: string) => void): Promise<void> {
  const session = await TrySession.open(url, key);
  session.onNotification = ({ method: name, params: told }) => print(`${name} ${pretty(told)}`);
  try {
    print(welcome(url, await session.ask('initialize', { name: 'mcpw-try', version: '1' })));
    if (method !== 'initialize') print(answerText(method, await session.ask(method, params)));
    if (isWatching) print(await session.ended);
  } finally {
    await session.close();
  }
}

function parsedArgs(args: readonly string[]) {
  try {
    const options = { key: { type: 'string' }, url: { type: 'string' }, watch: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new TryError((error as Error).message);
  }
}

function readParams(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new TryError(`the params are not JSON: ${(error as Error).message}`);
  }
}

function welcome(url: string, answer: unknown): string {
  const { server, principal } = answer as {
    server?: { name: string; version: string };
    principal?: { id: string; tenant: string; scopes: string[] };
  };
  const { id = '?', tenant = '?', scopes = [] } = principal ?? {};
  return `connected to ${server?.name ?? '?'} ${server?.version ?? ''} at ${url} as ${id} of ${tenant} with ${scopes.join(' ') || 'no scopes'}\n`;
}

interface ListedTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: { readonly properties?: object };
}

function answerText(method: string, answer: unknown): string {
  const { tools } = (answer ?? {}) as { tools?: unknown };
  if (method !== 'tool.list' || !Array.isArray(tools) || tools.length === 0) return pretty(answer);
  const rows = (tools as ListedTool[]).map(({ name, description = '', inputSchema }) => [
    name,
    Object.keys(inputSchema?.properties ?? {}).join(' '),
    description.split('\n')[0] ?? '',
  ]);
  return table([['TOOL', 'ARGUMENTS', 'DESCRIPTION'], ...rows]);
}

const pretty = (value: unknown): string => JSON.stringify(value, undefined, 2) ?? '{}';
