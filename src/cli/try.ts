#!/usr/bin/env node
// `npm run try`: calls a running server by hand. Where nothing is said it takes the address and the admin key from the settings
// that the server itself would start with, and before the admin key the one in MCPW_KEY.
import { clientKey, loadConfig } from '../config/load-config.js';
import { nearAddress } from './near-address.js';
import { parseTry, runTry, USAGE, type TryDefaults } from './try-command.js';
import { TryError } from './try-session.js';

const FAILED = 1;

function defaults(): TryDefaults {
  const loaded = loadConfig();
  if ('problems' in loaded) return { url: 'ws://127.0.0.1:8080/ws', key: clientKey() };
  const { isSecure, authority } = nearAddress(loaded.config);
  return { url: `${isSecure ? 'wss' : 'ws'}://${authority}/ws`, key: clientKey() ?? loaded.config.auth.adminKey };
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  try {
    await runTry(parseTry(args, defaults()), (text) => console.log(text));
    return 0;
  } catch (error) {
    if (!(error instanceof TryError)) throw error;
    console.error(error.message);
    return FAILED;
  }
}

process.exitCode = await main(process.argv.slice(2));
