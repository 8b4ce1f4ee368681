// What is about client and server themselves: how they meet, in each era, and what the client wants to be told of unasked.
import { Injectable } from '@nestjs/common';
import { SUBSCRIPTION_ID_META_KEY, type InitializeResult } from '@modelcontextprotocol/server';

import { Failure } from '../../extension/failure.js';
import { ChangeHub } from '../changes/change-hub.js';
import { CHANGE_KINDS, type ChangeKind } from '../changes/change-listener.js';
import { isSession } from '../client.js';
import { notificationText } from '../json-rpc.js';
import type { McpCall, McpMethod } from '../mcp-call.js';
import { SUPPORTED_VERSIONS } from '../protocol-versions.js';
import { CAPABILITIES, IDENTITY, INSTRUCTIONS } from '../server-identity.js';
import { checkParams } from './check-params.js';

const HOUR_MS = 3_600_000;
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

/** Members of the filter of `subscriptions/listen`. */
const FILTER_MEMBERS = { tools: 'toolsListChanged', resources: 'resourcesListChanged', prompts: 'promptsListChanged' } as const;

@Injectable()
export class SessionMethods {
  readonly methods: readonly McpMethod[] = [
    { name: 'initialize', era: 'legacy', run: ({ caller }) => this.welcome(caller.version) },
    { name: 'ping', era: 'legacy', run: () => ({}) },
    { name: 'logging/setLevel', era: 'legacy', run: (call) => this.setLevel(call) },
    { name: 'server/discover', era: 'modern', cache: { ttlMs: HOUR_MS, cacheScope: 'public' }, run: () => this.discovered() },
    { name: 'subscriptions/listen', era: 'modern', isStream: true, run: (call) => this.listen(call) },
  ];

  constructor(private readonly hub: ChangeHub) {}

  private welcome(protocolVersion: string): InitializeResult {
    return { protocolVersion, capabilities: CAPABILITIES, serverInfo: IDENTITY, instructions: INSTRUCTIONS };
  }

  private discovered(): object {
    return { supportedVersions: SUPPORTED_VERSIONS, capabilities: CAPABILITIES, instructions: INSTRUCTIONS };
  }

  private setLevel({ caller, params }: McpCall): object {
    const { level } = checkParams('SetLevelRequestParams', params);
    if (isSession(caller)) caller.logLevel = level;
    return {};
  }

  /** Lasts until the client goes, takes it back, or the server ends it. The first message says what of the wish is granted. */
  private async listen(call: McpCall): Promise<object> {
    const { notifications: wish } = checkParams('SubscriptionsListenRequestParams', call.params);
    const kinds = CHANGE_KINDS.filter((kind) => wish[FILTER_MEMBERS[kind]] === true);
    const _meta = { [SUBSCRIPTION_ID_META_KEY]: call.id };
    const listener = this.hub.listen(call.principal.tenant, kinds, _meta);
    try {
      const uris = await listener.watchAll(call, wish.resourceSubscriptions ?? []);
      const isHeard = call.link.send(notificationText(ACKNOWLEDGED, { _meta, notifications: granted(kinds, uris) }));
      if (!isHeard) throw new Failure('unavailable', 'too many event streams are open, or the client takes none');
      listener.attach(call.link);
      await listener.untilEnded(call.signal);
    } finally {
      listener.end();
    }
    return { _meta };
  }
}

function granted(kinds: readonly ChangeKind[], uris: readonly string[]): object {
  return {
    ...Object.fromEntries(kinds.map((kind) => [FILTER_MEMBERS[kind], true])),
    ...(uris.length > 0 && { resourceSubscriptions: uris }),
  };
}
