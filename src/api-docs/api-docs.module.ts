// What programs and people learn the server's interfaces from. The OpenAPI document is set up with the application: open-api.ts.
import { Module } from '@nestjs/common';

import { ProtocolModule } from '../protocol/protocol.module.js';
import { AsyncApiController } from './async-api.controller.js';

@Module({ imports: [ProtocolModule], controllers: [AsyncApiController] })
export class ApiDocsModule {}
