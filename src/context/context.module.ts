// Contexts: what agents remember and share. Needs the global providers of Config, Clock and Database.
import { Module } from '@nestjs/common';

import { ContextStore } from './context-store.js';
import { ContextSweeper } from './context-sweeper.js';
import { ContextGateway } from './context.gateway.js';
import { ContextService } from './context.service.js';
import { ContextTools } from './context.tools.js';
import { Contexts } from './contexts.js';
import { ItemEncoder } from './item-encoder.js';
import { SqlContextStore } from './sql-context-store.js';
import { TokenCounter } from './token-counter.js';

@Module({
  providers: [
    ContextGateway,
    ContextTools,
    ContextService,
    Contexts,
    ItemEncoder,
    TokenCounter,
    ContextSweeper,
    { provide: ContextStore, useClass: SqlContextStore },
  ],
  exports: [ContextService, Contexts],
})
export class ContextModule {}
