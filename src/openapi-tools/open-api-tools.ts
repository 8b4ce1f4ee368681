// All tools that come from OpenAPI documents, as one source of the registry. Documents are read as the server starts: a file that
// cannot be read stops it, a URL that does not answer is asked again.
import { readFileSync } from 'node:fs';

import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { Config } from '../config/config.js';
import { readOpenApiSources, type OpenApiSource } from '../config/openapi-source.js';
import { AddressGuard } from '../egress/address-guard.js';
import { HttpCaller } from '../egress/http-caller.js';
import { Clock } from '../extension/clock.js';
import { matchesGlob } from '../tools/glob.js';
import { toolNames } from '../tools/source-tool-names.js';
import { ToolRegistry } from '../tools/tool-registry.js';
import type { RegisteredTool, ToolSource } from '../tools/tool-source.js';
import { ApiCalls } from './api-calls.js';
import { apiRedactor } from './api-secrets.js';
import { baseUrlOf } from './base-url.js';
import { OpenApiDocument } from './document.js';
import { readOperations, type Operation } from './operation.js';
import { operationTool } from './operation-tool.js';

interface Api {
  readonly name: string;
  readonly config: OpenApiSource;
  readonly calls: ApiCalls;
  http: HttpCaller | undefined;
  tools: ReadonlyMap<string, RegisteredTool>;
  timer: NodeJS.Timeout | undefined;
}

const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const FETCH_MS = 30_000;
const CONNECT_MS = 10_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const IS_URL = /^https?:\/\//i;

@Injectable()
export class OpenApiTools implements ToolSource, OnModuleInit, BeforeApplicationShutdown {
  readonly name = 'openapi';
  private readonly logger = new Logger('OpenApi');
  private readonly apis = new Map<string, Api>();
  private readonly listeners = new Set<(tenant: string | null) => void>();

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly registry: ToolRegistry,
  ) {}

  /** @throws Error where a document is a file and cannot be read as one */
  async onModuleInit(): Promise<void> {
    const { sources } = readOpenApiSources(this.config.openapi ?? {});
    for (const [name, config] of sources) {
      const calls = new ApiCalls(name, this.clock, config.timeoutMs ?? this.config.tools.timeoutMs, apiRedactor(config));
      const api: Api = { name, config, calls, http: undefined, tools: new Map(), timer: undefined };
      this.apis.set(name, api);
      if (IS_URL.test(config.document)) await this.fetchDocument(api, FIRST_PAUSE_MS);
      else this.use(api, readFile(name, config.document));
    }
    this.registry.add(this);
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const { timer } of this.apis.values()) clearTimeout(timer);
    await Promise.all([...this.apis.values()].map(async ({ http }) => http?.close()));
  }

  /** All APIs, for metrics. */
  all(): readonly Pick<Api, 'name' | 'calls' | 'tools'>[] {
    return [...this.apis.values()];
  }

  list(tenant: string): readonly RegisteredTool[] {
    return [...this.apis.values()].filter(({ config }) => isSeenBy(config, tenant)).flatMap(({ tools }) => [...tools.values()]);
  }

  find(tenant: string, name: string): RegisteredTool | undefined {
    return this.apiOf(tenant, name)?.tools.get(name);
  }

  /** All names of an API, be its document there yet or not. */
  reserves(tenant: string, name: string): boolean {
    return this.apiOf(tenant, name) !== undefined;
  }

  onChanged(listener: (tenant: string | null) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private apiOf(tenant: string, name: string): Api | undefined {
    const dot = name.indexOf('.');
    const api = dot === -1 ? undefined : this.apis.get(name.slice(0, dot));
    return api !== undefined && isSeenBy(api.config, tenant) ? api : undefined;
  }

  private async fetchDocument(api: Api, pauseMs: number): Promise<void> {
    const { document } = api.config;
    try {
      const signal = AbortSignal.timeout(FETCH_MS);
      const http = new HttpCaller({ guard: guardFor(document), connectTimeoutMs: CONNECT_MS, maxResponseBytes: MAX_DOCUMENT_BYTES });
      const text = await http
        .fetch(document, { headers: { ...api.config.headers }, signal })
        .then(async (response) => {
          if (!response.ok) throw new Error(`it answered ${response.status}`);
          return await response.text();
        })
        .finally(() => http.close());
      this.use(api, text);
      for (const tenant of api.config.tenants ?? [null]) for (const listener of this.listeners) listener(tenant);
    } catch (error) {
      this.logger.warn({ msg: 'an OpenAPI document cannot be had', api: api.name, error: (error as Error).message, retry_ms: pauseMs });
      api.timer = setTimeout(() => void this.fetchDocument(api, Math.min(2 * pauseMs, LONGEST_PAUSE_MS)), pauseMs).unref();
    }
  }

  private use(api: Api, text: string): void {
    const { name, config } = api;
    const document = OpenApiDocument.parse(text);
    const access = { baseUrl: baseUrlOf(document, config), auth: config.auth, headers: config.headers };
    const http = new HttpCaller({
      guard: guardFor(access.baseUrl),
      connectTimeoutMs: CONNECT_MS,
      maxResponseBytes: config.maxResponseBytes,
    });
    api.http = http;
    const onLeftOut = (id: string, why: string): void =>
      this.logger.warn({ msg: 'an operation is left out', api: name, operation: id, why });
    const operations = readOperations(document, onLeftOut)
      .filter((operation) => isWanted(operation, config))
      .slice(0, config.maxOperations);
    const names = toolNames(
      name,
      operations.map(({ id }) => id),
    );
    api.tools = new Map(
      operations.map((operation, i) => {
        const tool = operationTool({ name: names[i] as string, source: name, operation, access, http, calls: api.calls, config });
        return [tool.name, tool];
      }),
    );
    this.logger.log({ msg: 'an API is offered', api: name, tools: api.tools.size });
  }
}

const isSeenBy = ({ tenants }: OpenApiSource, tenant: string): boolean => tenants?.includes(tenant) ?? true;

function isWanted({ id }: Operation, { allowOperations, denyOperations }: OpenApiSource): boolean {
  const fits = (pattern: string): boolean => matchesGlob(pattern, id);
  return (allowOperations === undefined || allowOperations.some(fits)) && !denyOperations.some(fits);
}

/** The operator named this host: it may be anywhere. Nothing leads to others. */
const guardFor = (url: string): AddressGuard => new AddressGuard([new URL(url).hostname]);

function readFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`openapi.${name}.document cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
