// Limits that admins set. In force: for messages in protocol/rate-limiter.ts, for tools here.
import { Global, Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module.js';
import { ToolLimits } from '../extension/tool-limits.js';
import { LimitStore } from './limit-store.js';
import { LimitsController } from './limits.controller.js';
import { LimitsService } from './limits.service.js';
import { ToolRateLimits } from './tool-rate-limits.js';

/** Needs global providers of `Database` and `AuditLog`. */
@Global()
@Module({
  imports: [AuthModule],
  controllers: [LimitsController],
  providers: [LimitStore, LimitsService, ToolRateLimits, { provide: ToolLimits, useExisting: ToolRateLimits }],
  exports: [LimitStore, ToolLimits],
})
export class LimitsModule {}
