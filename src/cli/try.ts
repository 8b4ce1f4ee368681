// `npm run try`: calls a running server by hand. Where nothing is said it takes the address and the admin key from the settings
// that the server itself would start with.
import { loadConfig } from '../config/load-config.js';
import { parseTry, runTry, USAGE, type TryDefaults } from './try-command.js';
import { TryError } from './try-session.js';

const FAILED = 1;
const EVERY_INTERFACE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function defaults(): TryDefaults {
  const loaded = loadConfig();
  if ('problems' in loaded) return { url: 'ws://127.0.0.1:8080/ws', key: undefined };
  const { host, port, auth } = loaded.config;
  const near = EVERY_INTERFACE[host] ?? host;
  return { url: `ws://${near.includes(':') ? `[${near}]` : near}:${port}/ws`, key: auth.adminKey };
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
