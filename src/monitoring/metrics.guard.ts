// Who may read the metrics: on a loopback bind all who reach the server directly, else holders of the scope `admin`.
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

import { HttpAuthGuard } from '../auth/http-auth.guard.js';
import { Config } from '../config/config.js';
import { isLoopback } from '../config/setting-checks.js';

/** What a reverse proxy adds: its callers come from elsewhere, though it stands on this machine. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

interface HttpRequest {
  readonly headers: Readonly<Record<string, unknown>>;
}

@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly auth: HttpAuthGuard,
  ) {}

  canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    const { headers } = context.switchToHttp().getRequest<HttpRequest>();
    const isLocal = isLoopback(this.config.host) && !FORWARDED.some((name) => name in headers);
    return isLocal || this.auth.canActivate(context);
  }
}
