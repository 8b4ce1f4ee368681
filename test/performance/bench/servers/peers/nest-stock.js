// Nest as its documentation shows it: its own WsAdapter, three guards, a pipe-less handler and an interceptor. Decorators by hand.
import 'reflect-metadata';

import { Injectable, Module, UseGuards, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { map } from 'rxjs/operators';

class AuthenticatedGuard {
  canActivate(context) {
    return context.switchToWs().getClient() !== undefined;
  }
}
class ReplayGuard {
  #seen = new Set();
  canActivate(context) {
    const { id } = context.switchToWs().getData();
    if (this.#seen.size > 10_000) this.#seen.clear();
    this.#seen.add(id);
    return true;
  }
}
class RateGuard {
  #tokens = 1e12;
  canActivate() {
    return this.#tokens-- > 0;
  }
}
class EnvelopeInterceptor {
  intercept(context, next) {
    const { id } = context.switchToWs().getData();
    return next.handle().pipe(map((result) => ({ id, type: 1, result })));
  }
}
for (const provider of [AuthenticatedGuard, ReplayGuard, RateGuard, EnvelopeInterceptor]) Injectable()(provider);

class EchoGateway {
  echo({ params }) {
    return params;
  }
}
const descriptor = Object.getOwnPropertyDescriptor(EchoGateway.prototype, 'echo');
Reflect.defineMetadata('design:paramtypes', [Object], EchoGateway.prototype, 'echo');
MessageBody()(EchoGateway.prototype, 'echo', 0);
SubscribeMessage('tool.execute')(EchoGateway.prototype, 'echo', descriptor);
UseGuards(AuthenticatedGuard, ReplayGuard, RateGuard)(EchoGateway);
UseInterceptors(EnvelopeInterceptor)(EchoGateway);
WebSocketGateway({ path: '/' })(EchoGateway);

class AppModule {}
Module({ providers: [EchoGateway, AuthenticatedGuard, ReplayGuard, RateGuard, EnvelopeInterceptor] })(AppModule);

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error'] });
app.useWebSocketAdapter(
  // The same envelope as the others', so that all are sent the same bytes.
  new WsAdapter(app, {
    messageParser: (data) => {
      const message = JSON.parse(data.toString());
      return { event: message.method, data: message };
    },
  }),
);
await app.listen(Number(process.env.PORT), '127.0.0.1');
