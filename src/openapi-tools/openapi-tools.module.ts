// APIs that have an OpenAPI document, as tools.
import { Module } from '@nestjs/common';

import { ToolsModule } from '../tools/tools.module.js';
import { OpenApiTools } from './open-api-tools.js';

/** Expects `Config` of a global module. */
@Module({ imports: [ToolsModule], providers: [OpenApiTools] })
export class OpenApiToolsModule {}
