// All methods of the endpoint, compiled at start from the gateways of every module: names, numbers, scopes, validators, and
// the shortest way to each handler that keeps what its author put on it.
import 'reflect-metadata';

import { ApplicationConfig, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Injectable, Logger, type ExecutionContext } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/internal';
import { GATEWAY_METADATA, GATEWAY_OPTIONS, MESSAGE_METADATA, PARAM_ARGS_METADATA } from '@nestjs/websockets/internal';
import { FIRST_MODULE_METHOD, METHOD_NUMBERS } from '@mcpw/protocol';

import { TrafficMeter } from '../connection/traffic-meter.js';
import { ENDPOINT_PATH } from '../extension/agent-gateway.decorator.js';
import { answersOf, type Answers } from '../extension/answers.decorator.js';
import type { DtoClass } from '../extension/tool.decorator.js';
import { OPEN, REQUIRED_SCOPE } from '../extension/requires.decorator.js';
import { compileDto, type DtoValidator } from '../validation/compile-dto.js';
import { dtoSchema } from '../validation/dto-schema.js';
import { Failure } from '../extension/failure.js';
import { valueOf } from './deferred.js';
import { InitializedGuard } from './guards/initialized.guard.js';
import { RateLimitGuard } from './guards/rate-limit.guard.js';
import { ReplayGuard } from './guards/replay.guard.js';
import { ScopeGuard } from './guards/scope.guard.js';
import { failureCode } from './failure-code.js';
import type { Invocation, Method, SyncGuard } from './method.js';
import { NoParams } from './no-params.dto.js';

type Handler = (...args: unknown[]) => unknown;
type Constructor = abstract new (...args: never[]) => object;
/** Nest's own chain for a handler, bound to one connection. */
export type NestCallback = (params: unknown, call: Invocation) => unknown;

interface ParamMetadata {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
  readonly factory?: (data: unknown, context: ExecutionContext) => unknown;
}

/** The keys of Nest's parameter metadata begin with these (its WsParamtype). */
const SOCKET_PARAM = '0';
const PAYLOAD_PARAM = '3';

@Injectable()
export class MethodTable {
  private readonly byName = new Map<string, Method>();
  private readonly byNumber = new Map<number, Method>();
  /** Names of methods that go through Nest's chain. */
  readonly throughNest = new Set<string>();
  /** Whether a gateway wants to be told of connections (`handleConnection`, `handleDisconnect`). */
  hasHooks = false;
  /** Nest's chains of each connection, for the methods in `throughNest`. */
  private readonly nestCallbacks = new WeakMap<object, Map<string, NestCallback>>();
  private numbers: Readonly<Record<string, number>> = {};

  /** Stands in for names that nobody handles: the same checks, and then 4004. */
  readonly unknown: Method;
  private readonly guards: readonly SyncGuard[];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly meter: TrafficMeter,
    replay: ReplayGuard,
    rateLimit: RateLimitGuard,
    initialized: InitializedGuard,
    scope: ScopeGuard,
  ) {
    this.guards = [replay, rateLimit, initialized, scope];
    this.unknown = {
      name: '',
      number: 0,
      meterIndex: -1,
      scope: undefined,
      gateway: MethodTable,
      handler: MethodTable,
      params: undefined,
      answers: undefined,
      guards: [replay, rateLimit, initialized],
      invoke: () => {
        throw new Failure('method_not_found', 'there is no such method');
      },
    };
  }

  find(name: string): Method | undefined {
    return this.byName.get(name);
  }

  findNumber(number: number): Method | undefined {
    return this.byNumber.get(number);
  }

  numberOf(name: string): number {
    return this.numbers[name] ?? 0;
  }

  /** Names and numbers as `initialize` answers them. */
  get catalog(): Readonly<Record<string, number>> {
    return this.numbers;
  }

  all(): IterableIterator<Method> {
    return this.byName.values();
  }

  /** Keeps Nest's chain of a connection's handler, where the method goes that way. */
  bindNest(connection: object, name: string, callback: NestCallback): void {
    if (!this.throughNest.has(name)) return;
    const callbacks = this.nestCallbacks.get(connection) ?? new Map<string, NestCallback>();
    callbacks.set(name, callback);
    this.nestCallbacks.set(connection, callbacks);
  }

  /**
   * @param application whose global guards, pipes and interceptors reach gateways: where there are any, every call goes through Nest
   * @throws Error where two handlers have one name, or a handler states no scope
   */
  compile(application: ApplicationConfig): void {
    const gateways = this.discovery.getProviders().filter(({ instance, metatype }) => isGateway(instance, metatype));
    this.hasHooks = gateways.some(({ metatype }) => hasHooks(metatype as Constructor));
    const found = gateways.flatMap((wrapper) =>
      handlersOf(wrapper.instance as object, wrapper.metatype as Constructor, wrapper.isDependencyTreeStatic()),
    );
    const modules = found.map(({ name }) => name).filter((name) => !(name in METHOD_NUMBERS));
    const numbers: Record<string, number> = { ...METHOD_NUMBERS };
    modules.sort().forEach((name, index) => (numbers[name] = FIRST_MODULE_METHOD + index));
    this.numbers = numbers;
    const firstIndex = this.meter.registerMethods(found.map(({ name }) => name));
    const isGuarded = hasGlobalEnhancers(application);
    found.forEach((handler, index) => this.add(handler, firstIndex + index, isGuarded));
  }

  private add(found: FoundHandler, meterIndex: number, isGuarded: boolean): void {
    const { name, gateway, methodName, handler } = found;
    const known = this.byName.get(name);
    if (known !== undefined) throw new Error(`two gateways handle ${name}: ${(known.gateway as Constructor).name} and ${gateway.name}`);
    const problem = nameProblem(name);
    if (problem !== undefined) throw new Error(`${gateway.name}.${methodName}: the method's name ${JSON.stringify(name)} ${problem}`);
    const scope = Reflect.getMetadata(REQUIRED_SCOPE, handler) as string | undefined;
    if (scope === undefined) throw new Error(`${gateway.name}.${methodName} (${name}) states no scope: add @Requires('…') or @Open()`);
    const isDirect = !isGuarded && found.isSingleton && isPlain(gateway, handler, paramsOf(gateway, methodName));
    if (!isDirect) this.throughNest.add(name);
    const guards = name === 'initialize' ? this.guards.slice(0, 2) : this.guards;
    const method: Method = {
      name,
      number: this.numbers[name] as number,
      meterIndex,
      scope: scope === OPEN ? undefined : scope,
      gateway,
      handler,
      params: validatorOf(found),
      answers: statedAnswers(found),
      guards,
      invoke: isDirect ? directInvoke(found) : (call) => this.invokeThroughNest(name, call),
    };
    this.byName.set(name, method);
    this.byNumber.set(method.number, method);
  }

  private async invokeThroughNest(name: string, call: Invocation): Promise<unknown> {
    const callback = this.nestCallbacks.get(call.channel)?.get(name);
    if (callback === undefined) throw new Error(`Nest has bound no handler for ${name}`);
    const value = await valueOf(callback(call.params, call), () => call.signal);
    if (call.thrown !== undefined) throw call.thrown.error;
    return value;
  }
}

interface FoundHandler {
  readonly name: string;
  readonly instance: object;
  readonly gateway: Constructor;
  readonly methodName: string;
  readonly handler: Handler;
  /** False where something that the gateway needs is request-scoped: then Nest makes an instance for each connection. */
  readonly isSingleton: boolean;
}

function isGateway(instance: unknown, metatype: unknown): boolean {
  if (typeof metatype !== 'function' || typeof instance !== 'object' || instance === null) return false;
  if (Reflect.getMetadata(GATEWAY_METADATA, metatype) !== true) return false;
  const options = Reflect.getMetadata(GATEWAY_OPTIONS, metatype) as { path?: string } | undefined;
  return options?.path === ENDPOINT_PATH;
}

function hasHooks(gateway: Constructor): boolean {
  const { prototype } = gateway as { prototype: object };
  return 'handleConnection' in prototype || 'handleDisconnect' in prototype;
}

function handlersOf(instance: object, gateway: Constructor, isSingleton: boolean): FoundHandler[] {
  const prototype = Object.getPrototypeOf(instance) as Record<string, Handler>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((methodName) => {
    const handler = prototype[methodName] as Handler;
    const name = Reflect.getMetadata(MESSAGE_METADATA, handler) as string | undefined;
    return name === undefined ? [] : [{ name, instance, gateway, methodName, handler, isSingleton }];
  });
}

function paramsOf(gateway: Constructor, methodName: string): [string, ParamMetadata][] {
  return Object.entries((Reflect.getMetadata(PARAM_ARGS_METADATA, gateway, methodName) ?? {}) as Record<string, ParamMetadata>);
}

/** Whether nothing stands between a call and its handler but what every gateway of the endpoint has. */
function isPlain(gateway: Constructor, handler: Handler, params: [string, ParamMetadata][]): boolean {
  const has = (key: string, target: object): boolean => ((Reflect.getMetadata(key, target) ?? []) as unknown[]).length > 0;
  const enhanced = [GUARDS_METADATA, PIPES_METADATA, INTERCEPTORS_METADATA].some((key) => has(key, gateway) || has(key, handler));
  const filters = ((Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, gateway) ?? []) as unknown[]).length;
  return (
    !enhanced && filters <= 1 && !has(EXCEPTION_FILTERS_METADATA, handler) && params.every(([, { pipes }]) => (pipes ?? []).length === 0)
  );
}

function hasGlobalEnhancers(application: ApplicationConfig): boolean {
  const enhancers = [
    ...application.getGlobalGuards(),
    ...application.getGlobalPipes(),
    ...application.getGlobalInterceptors(),
    ...application.getGlobalRequestGuards().map(({ metatype }) => metatype),
    ...application.getGlobalRequestPipes().map(({ metatype }) => metatype),
    ...application.getGlobalRequestInterceptors().map(({ metatype }) => metatype),
  ];
  return enhancers.length > 0;
}

/** Names of modules' methods are as those of the server: `<module>.<method>`. */
const METHOD_NAME = /^[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)+$/;
/** What the server's own methods begin with: it may have more of them one day. */
const OWN_NAMES = new Set(Object.keys(METHOD_NUMBERS).map((name) => name.split('.')[0]));

function nameProblem(name: string): string | undefined {
  if (name in METHOD_NUMBERS) return undefined;
  if (!METHOD_NAME.test(name)) return 'is not of the form module.method: parts of letters, digits, _ and -';
  return OWN_NAMES.has(name.split('.')[0]) ? 'begins as the server’s own do' : undefined;
}

function validatorOf({ name, instance, gateway, methodName }: FoundHandler): DtoValidator | undefined {
  // A team's mistake ends the start; this server's own classes have their tests.
  const when = name in METHOD_NUMBERS ? 'first used' : 'now';
  const payload = paramsOf(gateway, methodName).find(([key]) => key.startsWith(`${PAYLOAD_PARAM}:`));
  if (payload === undefined) return compileDto(NoParams, when);
  const types = Reflect.getMetadata('design:paramtypes', instance, methodName) as unknown[];
  const type = types[payload[1].index];
  if (type !== Object && typeof type === 'function') return compileDto(type as new () => object, when);
  if (when === 'now')
    new Logger('Gateway').warn(
      `${gateway.name}.${methodName} (${name}) takes params unchecked: their type is no class with class-validator rules`,
    );
  return undefined;
}

function statedAnswers({ name, handler, gateway, methodName }: FoundHandler): Answers | undefined {
  const answers = answersOf(handler);
  if (answers === undefined || name in METHOD_NUMBERS) return answers;
  // As with params: a team's mistake ends the start, and not the first request for the document.
  const where = `${gateway.name}.${methodName} (${name})`;
  if (!saysSomething(answers.result))
    throw new Error(`${where}: @Answers needs a class with class-validator rules (is it imported in a circle?)`);
  const unknown = answers.failures?.find((kind) => (failureCode(kind) as number | undefined) === undefined);
  if (unknown !== undefined) throw new Error(`${where}: @Answers names ${unknown}, which is no kind of failure`);
  return answers;
}

/** Whether it is a class with rules: TypeScript cannot tell, and a class without any would be documented as an answer without members. */
function saysSomething(result: unknown): boolean {
  return (
    typeof result === 'function' &&
    'prototype' in result &&
    Object.keys(dtoSchema(result as DtoClass).schema['properties'] as object).length > 0
  );
}

/** A call of the handler without Nest's chain. The most common signatures have no loop over their arguments. */
function directInvoke({ instance, gateway, methodName, handler }: FoundHandler): (call: Invocation) => unknown {
  const readers: ((call: Invocation) => unknown)[] = [];
  for (const [key, param] of paramsOf(gateway, methodName)) readers[param.index] = readerOf(key, param);
  const [first, second] = readers;
  if (readers.length === 0) return () => handler.call(instance);
  if (readers.length === 1 && first !== undefined) return (call) => handler.call(instance, first(call));
  if (readers.length === 2 && first !== undefined && second !== undefined) {
    return (call) => handler.call(instance, first(call), second(call));
  }
  return (call) =>
    handler.apply(
      instance,
      Array.from(readers, (read) => read?.(call)),
    );
}

function readerOf(key: string, { data, factory }: ParamMetadata): (call: Invocation) => unknown {
  if (key.includes(CUSTOM_ROUTE_ARGS_METADATA)) return (call) => factory?.(data, call);
  const type = key.slice(0, key.indexOf(':'));
  if (type === SOCKET_PARAM) return (call) => call.channel;
  if (type !== PAYLOAD_PARAM) return () => undefined;
  if (typeof data !== 'string') return (call) => call.params;
  return (call) => (call.params as Record<string, unknown> | undefined)?.[data];
}
