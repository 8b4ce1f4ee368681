// The answer to `initialize` (PROTOCOL.md §5): what all sessions are told alike and who the caller is are kept encoded, only what is
// the session's own is written anew.
import { Encoded, EncodedOnce, encodeMsgpack, type PackTarget } from '@mcpw/protocol';

/** Members of the answer that no other session has. */
export interface OwnMembers {
  readonly session_id: string;
  readonly resume_token: string;
  readonly resumed: boolean;
  readonly compression?: string;
  readonly security?: { readonly public_key: string; readonly nonce: string };
}

/** MessagePack of several values, one after the other, in memory of its own. */
const packed = (...values: readonly unknown[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(values.map((value) => Uint8Array.from(encodeMsgpack(value)))));

const RESUME_TOKEN = packed('resume_token');
const RESUMED = packed('resumed', true);
const NOT_RESUMED = packed('resumed', false);
const COMPRESSION = packed('compression');
const TWO_MEMBERS = 0x82;
const SECURITY = Uint8Array.of(...packed('security'), TWO_MEMBERS, ...packed('public_key'));
const NONCE = packed('nonce');

const MAP = 0x80;
const MOST_MEMBERS = 0x0f;

/** What all sessions are told alike, and the key of what comes after it. */
export class SessionConstants {
  readonly text: string;
  readonly count: number;
  readonly members: Uint8Array;

  /** @param value an object of at most 8 members */
  constructor(value: object) {
    const { text, bytes } = new EncodedOnce(value);
    this.text = text.slice(1, -1);
    this.count = (bytes[0] as number) & MOST_MEMBERS;
    this.members = Uint8Array.of(...bytes.subarray(1), ...packed('principal'));
  }
}

/** A principal, and the key of what comes after it. */
export class SessionPrincipal {
  readonly text: string;
  readonly members: Uint8Array;

  constructor(value: object) {
    this.text = JSON.stringify(value);
    this.members = packed(value, 'session_id');
  }
}

export class SessionAnswer extends Encoded {
  constructor(
    private readonly constants: SessionConstants,
    private readonly principal: SessionPrincipal,
    private readonly own: OwnMembers,
  ) {
    super();
  }

  override pack(out: PackTarget): void {
    const { session_id, resume_token, resumed, compression, security } = this.own;
    const others = 4 + (compression === undefined ? 0 : 1) + (security === undefined ? 0 : 1);
    out.writeByte(MAP | (this.constants.count + others));
    out.writeBytes(this.constants.members);
    out.writeBytes(this.principal.members);
    out.writeString(session_id);
    out.writeBytes(RESUME_TOKEN);
    out.writeString(resume_token);
    out.writeBytes(resumed ? RESUMED : NOT_RESUMED);
    if (compression !== undefined) {
      out.writeBytes(COMPRESSION);
      out.writeString(compression);
    }
    if (security === undefined) return;
    out.writeBytes(SECURITY);
    out.writeString(security.public_key);
    out.writeBytes(NONCE);
    out.writeString(security.nonce);
  }

  get bytes(): Uint8Array {
    return encodeMsgpack(this);
  }

  get text(): string {
    return `{${this.constants.text},"principal":${this.principal.text},${JSON.stringify(this.own).slice(1)}`;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
