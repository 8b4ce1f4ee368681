// The client's types are of the same results and notifications as the document: neither has a member that the other lacks.
// Compared by the compiler (`npm run typecheck`); which class stands for which method, when this runs.
import type { Method, NotificationMap, ResultOf } from '@mcpw/client';
import { MetadataScanner } from '@nestjs/core';
import { MESSAGE_METADATA } from '@nestjs/websockets/internal';
import { expect, it } from 'vitest';

import * as contexts from '../context/context-answers.dto.js';
import { ContextGateway } from '../context/context.gateway.js';
import * as events from '../events/event-answers.dto.js';
import { EventGateway } from '../events/event.gateway.js';
import { answersOf } from '../extension/answers.decorator.js';
import * as session from '../protocol/session-answers.dto.js';
import { SessionGateway } from '../protocol/session.gateway.js';
import * as tools from '../tools/tool-answers.dto.js';
import { ToolGateway } from '../tools/tool.gateway.js';
import { NOTIFICATIONS } from './sent-messages.js';

const RESULTS = {
  initialize: session.InitializedDto,
  'tool.list': tools.ToolPageDto,
  'tool.execute': tools.ToolOutcomeDto,
  'tool.cancel': session.CancelledDto,
  'tool.register': tools.RegisteredToolsDto,
  'tool.unregister': tools.UnregisteredToolsDto,
  'context.create': contexts.ContextDto,
  'context.get': contexts.ContextDto,
  'context.update': contexts.ContextSummaryDto,
  'context.list': contexts.ContextPageDto,
  'context.delete': contexts.DeletedContextDto,
  'context.search': contexts.ContextMatchesDto,
  'event.subscribe': events.SubscribedDto,
  'event.unsubscribe': events.UnsubscribedDto,
  'event.publish': events.PublishedDto,
  'session.ack': session.EmptyDto,
  'session.authenticate': session.AuthenticatedDto,
};
/** What clients of the SDK have no words for: it does this for them. */
const OF_THE_SDK = { methods: ['tool.progress'], notifications: ['tool.cancel'] };

/** Structure alone: neither what is read-only nor what an object without members is called. */
type Plain<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? string extends keyof T
        ? Record<string, Plain<T[string & keyof T]>>
        : { -readonly [Name in keyof T]: Plain<T[Name]> }
      : T;
type Bare<T> = [T[keyof T]] extends [never] ? object : T;
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

type Differing<Ours, Theirs> = {
  [Name in keyof Ours & keyof Theirs]: Same<Bare<Ours[Name]>, Bare<Theirs[Name]>> extends true ? never : Name;
}[keyof Ours & keyof Theirs];
type Instances<Classes> = { [Name in keyof Classes]: Classes[Name] extends new () => infer Instance ? Instance : never };

type Results = Instances<typeof RESULTS>;
type Notifications = Instances<{ [Name in keyof typeof NOTIFICATIONS]: (typeof NOTIFICATIONS)[Name]['params'] }>;

/** Fails to compile where it is given a name: of what the two sides call something else. */
const none = <Names extends never>(): Names[] => [];

it('the members of results and notifications are the same', () => {
  expect(none<Differing<Results, { [Name in Method]: ResultOf<Name> }>>()).toEqual([]);
  expect(none<Exclude<Method, keyof Results>>()).toEqual([]);
  expect(none<Exclude<keyof Results, Method>>()).toEqual([]);
  expect(none<Differing<Notifications, NotificationMap>>()).toEqual([]);
  expect(none<Exclude<keyof NotificationMap, keyof Notifications>>()).toEqual([]);
});

it('the built-in methods answer with these classes, each of them', () => {
  const stated = [SessionGateway, ToolGateway, ContextGateway, EventGateway].flatMap(({ prototype }) =>
    new MetadataScanner().getAllMethodNames(prototype).flatMap((member) => {
      const handler = prototype[member as keyof typeof prototype] as object;
      const name = Reflect.getMetadata(MESSAGE_METADATA, handler) as string | undefined;
      return name === undefined ? [] : [[name, answersOf(handler)?.result] as const];
    }),
  );
  const { [OF_THE_SDK.methods[0] as string]: progress, ...all } = Object.fromEntries(stated);
  expect(progress).toBe(session.EmptyDto);
  expect(all).toEqual(RESULTS);
});

it('the SDK knows all notifications but those that it answers itself', () => {
  const known: Record<keyof NotificationMap, true> = {
    event: true,
    'event.gap': true,
    'tool.progress': true,
    'tool.changed': true,
    'server.draining': true,
  };
  expect(Object.keys(NOTIFICATIONS).sort()).toEqual([...Object.keys(known), ...OF_THE_SDK.notifications].sort());
});
