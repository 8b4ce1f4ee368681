// Logs as JSON lines on standard output, by pino: the server's own story, without Nest's account of how it put itself together.
import { Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { LogFn } from 'pino';

import { Config } from './config/config.js';

/** What Nest says while it wires modules, routes and gateways: of use to who debugs the wiring, at level debug. */
const WIRING = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'WebSocketsController', 'NestApplication']);
const PINO_WARN = 40;

@Module({
  imports: [
    LoggerModule.forRootAsync({
      inject: [Config],
      useFactory: ({ logging }: Config) => ({
        pinoHttp: {
          level: logging.level,
          autoLogging: false,
          quietReqLogger: true,
          // A key or token never reaches the log by way of a logged request or error.
          redact: ['req.headers', 'headers', '*.headers', '*.authorization', '*.token', '*.key'],
          ...(isVerbose(logging.level) ? {} : { hooks: { logMethod: dropWiring } }),
        },
      }),
    }),
  ],
})
export class ServerLoggerModule {}

function isVerbose(level: string): boolean {
  return level === 'debug' || level === 'trace';
}

function dropWiring(this: unknown, args: Parameters<LogFn>, method: LogFn, level: number): void {
  const [first] = args as [unknown];
  const context = typeof first === 'object' && first !== null ? (first as { context?: string }).context : undefined;
  if (level < PINO_WARN && context !== undefined && WIRING.has(context)) return;
  method.apply(this, args);
}
