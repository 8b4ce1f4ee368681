// The answer to `initialize` (PROTOCOL.md §5): what all sessions are told alike and who the caller is are kept encoded, only what is
// the session's own is written anew.
import { Encoded, encodeMsgpack, type EncodedOnce, type PackTarget } from '@mcpw/protocol';

/** Members of the answer that no other session has. */
export interface OwnMembers {
  readonly session_id: string;
  readonly resume_token: string;
  readonly resumed: boolean;
  readonly compression?: string;
  readonly security?: { readonly public_key: string; readonly nonce: string };
}

const keyOf = (name: string): Uint8Array => Uint8Array.from(encodeMsgpack(name));
const PRINCIPAL = keyOf('principal');
const SESSION_ID = keyOf('session_id');
const RESUME_TOKEN = keyOf('resume_token');
const RESUMED = keyOf('resumed');
const COMPRESSION = keyOf('compression');
const SECURITY = keyOf('security');
const PUBLIC_KEY = keyOf('public_key');
const NONCE = keyOf('nonce');

const MAP = 0x80;
const MOST_MEMBERS = 0x0f;
const TRUE = 0xc3;
const FALSE = 0xc2;

export class SessionAnswer extends Encoded {
  /**
   * @param constants an object of at most 8 members
   * @param principal the caller
   */
  constructor(
    private readonly constants: EncodedOnce,
    private readonly principal: EncodedOnce,
    private readonly own: OwnMembers,
  ) {
    super();
  }

  override pack(out: PackTarget): void {
    const { session_id, resume_token, resumed, compression, security } = this.own;
    const constants = this.constants.bytes;
    const others = 4 + (compression === undefined ? 0 : 1) + (security === undefined ? 0 : 1);
    out.writeByte(MAP | (((constants[0] as number) & MOST_MEMBERS) + others));
    out.writeBytes(constants.subarray(1));
    out.writeBytes(PRINCIPAL);
    out.writeBytes(this.principal.bytes);
    out.writeBytes(SESSION_ID);
    out.writeString(session_id);
    out.writeBytes(RESUME_TOKEN);
    out.writeString(resume_token);
    out.writeBytes(RESUMED);
    out.writeByte(resumed ? TRUE : FALSE);
    if (compression !== undefined) {
      out.writeBytes(COMPRESSION);
      out.writeString(compression);
    }
    if (security === undefined) return;
    out.writeBytes(SECURITY);
    out.writeMapHeader(2);
    out.writeBytes(PUBLIC_KEY);
    out.writeString(security.public_key);
    out.writeBytes(NONCE);
    out.writeString(security.nonce);
  }

  get bytes(): Uint8Array {
    return encodeMsgpack(this);
  }

  get text(): string {
    return `${this.constants.text.slice(0, -1)},"principal":${this.principal.text},${JSON.stringify(this.own).slice(1)}`;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
