// What a request to the endpoint gets that does not ask for an upgrade: a browser's, a probe's, or a WebSocket client's behind a proxy that
// does not pass on its headers.
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

import { Config } from '../config/config.js';
import { ENDPOINT_PATH } from '../extension/agent-gateway.decorator.js';
import { bodyOf, REFUSALS } from './upgrade-refusal.js';

interface Reply {
  status(code: number): Reply;
  headers(headers: Readonly<Record<string, string>>): Reply;
}

@ApiExcludeController()
@Controller(ENDPOINT_PATH)
export class UpgradeRequiredController {
  constructor(@Inject(Config) private readonly config: Config) {}

  @Get()
  refuse(@Res({ passthrough: true }) reply: Reply): object {
    const refusal = this.config.websocket.enabled ? REFUSALS.upgradeRequired : REFUSALS.disabled;
    reply.status(refusal.status).headers(refusal.headers);
    return bodyOf(refusal);
  }
}
