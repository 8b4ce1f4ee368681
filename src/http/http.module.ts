// What all of REST shares: the shape of errors, and how many requests an address may make. The routes are their modules'.
import { Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ThrottlerModule, type ThrottlerModuleOptions } from '@nestjs/throttler';

import { AuthModule } from '../auth/auth.module.js';
import { Config } from '../config/config.js';
import { Clock } from '../extension/clock.js';
import { FailureHttpFilter } from './failure.filter.js';
import { HttpThrottle, THROTTLE_WINDOW_MS } from './http-throttle.middleware.js';
import { WindowThrottlerStorage } from './window-throttler-storage.js';

/** Also gives everyone the `ThrottlerStorage` that handshakes are counted in, and `ThrottlerGuard` what it needs on a module's own routes. */
@Module({
  imports: [
    AuthModule,
    ThrottlerModule.forRootAsync({
      inject: [Config, Clock],
      useFactory: ({ websocket: { rateLimit } }: Config, clock: Clock): ThrottlerModuleOptions => ({
        throttlers: [{ ttl: THROTTLE_WINDOW_MS, limit: rateLimit.handshakesPerMinute }],
        storage: new WindowThrottlerStorage(clock),
        skipIf: (context) => !rateLimit.enabled || context.getType() !== 'http',
      }),
    }),
  ],
  providers: [FailureHttpFilter, { provide: APP_FILTER, useExisting: FailureHttpFilter }],
})
export class HttpModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    // Who asks whether the server lives must hear so, however often.
    consumer.apply(HttpThrottle).exclude('health/*path').forRoutes('*path');
  }
}
