// A server, from its settings: made, started, ended. run-server.ts runs one as a process; a test may
// have one within its own.
import 'reflect-metadata';

import type { Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { INestApplication } from '@nestjs/common';
import { NestFactory, type ApplicationConfig } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';

import { setupOpenApi } from './api-docs/open-api.js';
import { AppModule, type ExtensionModule } from './app.module.js';
import { AdminKey } from './auth/admin-key.js';
import type { Config } from './config/config.js';
import { Draining } from './connection/draining.js';
import { secureDataFolder } from './data-folder.js';
import { lockDataFolder } from './data-folder-lock.js';
import { HttpEnd } from './http-end.js';
import { BODY_LIMIT_BYTES, boundBodies } from './http-bodies.js';
import { hardenHttp, PATIENCE } from './http-hardening.js';
import { AgentSocketAdapter } from './protocol/agent-socket.adapter.js';
import { SERVER_INFO } from './protocol/server-info.js';
import { dataFailure, listenFailure } from './start-failure.js';
import { readTlsFiles } from './tls-files.js';

export interface ServerOptions {
  readonly config: Config;
  /** Modules of the team that deploys the server. */
  readonly modules?: readonly ExtensionModule[];
}

export interface RunningServer {
  /** `http://host:port`, or `https:`. */
  readonly url: string;
  readonly port: number;
  /** The first start's admin key, to be shown once; undefined when none was made. */
  readonly madeAdminKey: string | undefined;
  readonly app: INestApplication;
  /**
   * Reads `tls.cert` and `tls.key` anew; connections that are open keep the old ones.
   * @returns false where there are none @throws Error where they do not serve: then the old ones stay
   */
  reloadTls(): boolean;
  /** Drains, then ends all. */
  stop(): Promise<void>;
}

/**
 * Resolves when the server listens and is ready.
 * @throws StartFailure where the port is taken, the data folder or the database in it cannot be used or another server uses it, a
 * certificate does not serve; Error where a module is wrong
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataDir } = options.config;
  let unlock: (() => void) | undefined;
  try {
    const warning = secureDataFolder(dataDir);
    unlock = lockDataFolder(dataDir);
    return await start(options, warning, unlock);
  } catch (error) {
    unlock?.();
    throw dataFailure(error, dataDir) ?? error;
  }
}

async function start({ config, modules = [] }: ServerOptions, warning: string | undefined, unlock: () => void): Promise<RunningServer> {
  const tls = readTlsFiles(config.tls);
  const socketOptions = { highWaterMark: config.websocket.readBufferBytes, ...PATIENCE };
  const http = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: config.websocket.security.trustedProxies.length > 0 ? [...config.websocket.security.trustedProxies] : false,
    requestTimeout: PATIENCE.requestTimeout,
    ...(tls === undefined ? { http: socketOptions } : { https: { ...socketOptions, ...tls } }),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(config, modules), http, {
    bufferLogs: true,
    // Of a start that fails nothing is told but why it did: by whoever called.
    autoFlushLogs: false,
    abortOnError: false,
  });
  const logger = app.get(Logger);
  app.useLogger(logger);
  app.flushLogs();
  if (warning !== undefined) logger.warn(warning);
  await hardenHttp(app, config);
  boundBodies(app);
  const sockets = app.get(AgentSocketAdapter);
  sockets.attach(app.getHttpServer(), applicationConfigOf(app));
  app.useWebSocketAdapter(sockets);
  setupOpenApi(app, SERVER_INFO.version);
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw listenFailure(error, config.host, config.port) ?? error;
  }
  const end = new HttpEnd(app.getHttpServer(), tls !== undefined);
  const draining = app.get(Draining);
  draining.started();
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    port,
    madeAdminKey: await app.get(AdminKey).makeFirst(),
    app,
    reloadTls: () => {
      const fresh = readTlsFiles(config.tls);
      if (fresh !== undefined) (app.getHttpServer() as unknown as SecureServer).setSecureContext(fresh);
      return fresh !== undefined;
    },
    stop: async () => {
      await draining.drain();
      await end.during(() => app.close());
      unlock();
    },
  };
}

/** Nest keeps its global guards and interceptors here, and gives it to nobody. */
function applicationConfigOf(app: INestApplication): ApplicationConfig {
  return (app as unknown as { config: ApplicationConfig }).config;
}
