// A team's own module: two methods on /ws and two tools. It asks nothing of the server but what `src/index.ts` exports.
import { Module } from '@nestjs/common';

import { ContextModule } from 'mcpw';
import { BillingGateway } from './billing.gateway.js';
import { BillingTools } from './billing.tools.js';
import { Ledger } from './ledger.js';

@Module({ imports: [ContextModule], providers: [BillingGateway, BillingTools, Ledger] })
// The default export is what the setting `modules` takes of a file.
export default class BillingModule {}
