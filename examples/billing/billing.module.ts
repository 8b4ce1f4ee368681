// A team's own module: two methods on /ws and a tool. It asks nothing of the server but what `src/index.ts` exports.
import { Module } from '@nestjs/common';

import { BillingGateway } from './billing.gateway.js';
import { BillingTools } from './billing.tools.js';
import { Ledger } from './ledger.js';

@Module({ providers: [BillingGateway, BillingTools, Ledger] })
// The default export is what the setting `modules` takes of a file.
export default class BillingModule {}
