// The server with the team's own modules: the whole of what a team writes to deploy it.
import { loadConfig, startServer } from 'mcpw';
import { BillingModule } from './billing.module.js';

const loaded = loadConfig();
if ('problems' in loaded) {
  process.stderr.write(`${loaded.problems.map(({ source, message }) => `${source}: ${message}`).join('\n')}\n`);
  process.exit(1);
}
const server = await startServer({ ...loaded, modules: [BillingModule] });
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
