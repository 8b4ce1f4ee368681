// The server with the team's own modules: the whole of what a team writes to deploy it.
import { runServer } from 'mcpw';
import BillingModule from './billing.module.js';

await runServer({ modules: [BillingModule] });
