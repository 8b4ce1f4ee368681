// Who may read the metrics: on a loopback bind all who reach the server directly, else holders of a scope.
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

import { HostNames } from '../auth/host-names.js';
import { HttpAuthGuard } from '../auth/http-auth.guard.js';
import { Config } from '../config/config.js';
import { isLoopback } from '../config/setting-checks.js';

/** What a reverse proxy adds: its callers come from elsewhere, though it stands on this machine. */
const FORWARDED = /^(forwarded|via|x-real-ip|x-forwarded-.*)$/;

interface HttpRequest {
  readonly headers: { readonly host?: string };
}

@Injectable()
export class MetricsGuard implements CanActivate {
  /** By which a caller on this machine names it; undefined where others reach it too. */
  private readonly localNames: HostNames | undefined;

  constructor(
    @Inject(Config) { host }: Config,
    private readonly auth: HttpAuthGuard,
  ) {
    if (isLoopback(host)) this.localNames = HostNames.ofLoopback(host);
  }

  canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    return this.isDirect(context.switchToHttp().getRequest<HttpRequest>()) || this.auth.canActivate(context);
  }

  /** A proxy may add nothing, and pass on the name that it was asked for. One that sends ours cannot be told from a caller of its own. */
  private isDirect({ headers }: HttpRequest): boolean {
    return this.localNames?.has(headers.host) === true && !Object.keys(headers).some((name) => FORWARDED.test(name));
  }
}
