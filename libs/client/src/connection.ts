// One connection from the attempt to its end: credential, upgrade, `initialize`, keys; then messages both ways. It does not
// come back: that is the lifeline's.
import { CloseCode, SUBPROTOCOL } from '@mcpw/protocol';

import type { Credentials, Presented } from './credentials.js';
import type { Ending } from './ending.js';
import { McpwError, UnsupportedError, UpgradeRefusedError } from './errors.js';
import type { Incoming } from './incoming.js';
import { ClientKeyAgreement } from './key-agreement.js';
import { whenReady, type MaybePromise } from './maybe-promise.js';
import type { Encoded, MessageCodec } from './message-codec.js';
import type { InitializeParams, InitializeResult } from './method-map.js';
import type { MethodNumbers } from './method-numbers.js';
import type { Channel, Platform, UpgradeRequest } from './platform.js';
import { Protection } from './protection.js';
import type { Settings } from './client-options.js';
import { Transport } from './transport.js';

/** Of the protocol. */
const VERSION = '1';

/** What all connections of a client share. */
export interface ConnectionParts {
  readonly platform: Platform;
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly methods: MethodNumbers;
  readonly codec: MessageCodec;
  /** Counts on over connections: no id comes twice in a session that is resumed. */
  readonly nextId: () => number;
}

export interface ConnectionEvents {
  opened(connection: Connection, session: InitializeResult): void;
  message(message: Incoming): void;
  activity(): void;
  /** Once, whether it was ever open or not. */
  ended(ending: Ending): void;
}

export type Resume = NonNullable<InitializeParams['resume']>;

export class Connection {
  readonly codec: MessageCodec;
  /** The credential that it came with. */
  secret = '';
  private readonly giveUp = new AbortController();
  private readonly stopWaiting: () => void;
  private transport: Transport | undefined;
  private agreement: ClientKeyAgreement | undefined;
  private initializeId = 0;
  private isOpen = false;
  private isEnded = false;

  constructor(
    private readonly parts: ConnectionParts,
    resume: Resume | undefined,
    private readonly events: ConnectionEvents,
  ) {
    const { platform, settings, codec } = parts;
    this.codec = codec;
    this.stopWaiting = platform.clock.after(settings.connectTimeoutMs, () => {
      const error = new Error(`no connection within ${settings.connectTimeoutMs} ms`);
      this.end({ kind: 'unreachable', error });
      this.giveUp.abort(error);
      this.transport?.terminate(error.message);
    });
    void this.start(resume);
  }

  send(messages: readonly Encoded[]): void {
    this.transport?.send(messages, this.codec);
  }

  /** Asks the platform for a WebSocket ping. @returns false where it has none */
  ping(): boolean {
    return this.transport?.ping() ?? false;
  }

  /** Ends what is open in good form, and what is not yet at once. `ended` tells when it is over. */
  close(code: number = CloseCode.NORMAL, reason = ''): void {
    if (this.isOpen) return this.transport?.close(code, reason);
    this.end({ kind: 'closed', code, reason });
    this.giveUp.abort(new Error('the client is closed'));
    this.transport?.terminate(reason);
  }

  /** The link is dead. */
  abandon(reason: string): void {
    this.transport?.terminate(reason);
  }

  private async start(resume: Resume | undefined): Promise<void> {
    const presented = await this.present();
    if (presented === undefined) return;
    this.secret = presented.secret;
    try {
      if (this.parts.settings.security !== 'none') this.agreement = await ClientKeyAgreement.begin(this.parts.platform, presented.secret);
      const transport = await this.openTransport(presented.request);
      this.transport = transport;
      if (this.isEnded) return transport.terminate('given up');
      this.initialize(resume);
    } catch (error) {
      this.end(
        error instanceof UpgradeRefusedError
          ? { kind: 'refused', error }
          : error instanceof UnsupportedError
            ? { kind: 'unsupported', error }
            : { kind: 'unreachable', error },
      );
    }
  }

  private async present(): Promise<Presented | undefined> {
    const { settings, credentials, platform } = this.parts;
    const protocol = settings.encoding === 'binary' ? SUBPROTOCOL.BINARY : SUBPROTOCOL.JSON;
    try {
      const presented = await credentials.present(settings.url, protocol, platform.sendsHeaders);
      return this.isEnded ? undefined : presented;
    } catch (error) {
      this.end({ kind: 'no-credential', error });
      return undefined;
    }
  }

  private openTransport(request: UpgradeRequest): Promise<Transport> {
    const { platform, methods, nextId, settings } = this.parts;
    const events = {
      message: (message: Incoming) => this.take(message),
      activity: () => this.events.activity(),
      closed: (code: number, reason: string) => this.end({ kind: 'closed', code, reason }),
    };
    return Transport.open(platform, request, methods, nextId, settings.maxMessageBytes, events, this.giveUp.signal);
  }

  private initialize(resume: Resume | undefined): void {
    const { settings, platform, codec } = this.parts;
    const { name, version } = settings;
    const compresses = settings.compression && settings.encoding === 'binary' && platform.compressors.length > 0;
    const params: InitializeParams = {
      name,
      version,
      capabilities: { batch: true, tools: true },
      ...(compresses ? { compression: platform.compressors.map((compressor) => compressor.name) } : {}),
      ...(this.agreement === undefined ? {} : { security: this.agreement.offer }),
      ...(resume === undefined ? {} : { resume }),
    };
    this.initializeId = this.parts.nextId();
    this.send([codec.request(this.initializeId, 'initialize', params)]);
  }

  private take(message: Incoming): MaybePromise<void> {
    if (this.isOpen) return this.events.message(message);
    const isAnswer = message.type === 'response' || message.type === 'error';
    if (!isAnswer || Number(message.id) !== this.initializeId) return;
    if (message.type === 'error') {
      this.end({ kind: 'rejected', error: McpwError.of(message.error) });
      return this.transport?.close(CloseCode.NORMAL, 'initialize was refused');
    }
    const session = message.result as InitializeResult;
    const { version } = message.result as { version: unknown };
    if (version !== VERSION) {
      const error = new UnsupportedError(`the server speaks version ${String(version)} of the protocol, this client ${VERSION}`);
      this.end({ kind: 'unsupported', error });
      return this.transport?.close(CloseCode.NORMAL, 'no common version');
    }
    if (this.agreement === undefined) return this.open(session, undefined);
    return whenReady(this.agreement.agree(session.security), (channel) => this.open(session, channel));
  }

  private open(session: InitializeResult, channel: Channel | undefined): void {
    if (this.isEnded) return channel?.wipe();
    const { platform, settings, methods } = this.parts;
    const compressor = platform.compressors.find(({ name }) => name === session.compression);
    if (channel !== undefined || compressor !== undefined) {
      const thresholdBytes = session.limits.compression_threshold;
      const { maxMessageBytes } = settings;
      this.transport?.protect(
        new Protection({ compressor, thresholdBytes, channel, encrypts: settings.security === 'encrypt', maxMessageBytes }, platform),
      );
    }
    methods.learn(session.methods);
    this.stopWaiting();
    this.isOpen = true;
    this.events.opened(this, session);
  }

  private end(ending: Ending): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.stopWaiting();
    this.events.ended(ending);
  }
}
