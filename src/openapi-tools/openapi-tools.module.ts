// APIs that have an OpenAPI document, as tools.
import { Module } from '@nestjs/common';

import { ToolsModule } from '../tools/tools.module.js';
import { OpenApiMetrics } from './open-api-metrics.js';
import { OpenApiTools } from './open-api-tools.js';

/** Expects `Clock` and `Config` of global modules. */
@Module({ imports: [ToolsModule], providers: [OpenApiMetrics, OpenApiTools] })
export class OpenApiToolsModule {}
