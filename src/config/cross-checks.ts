// Rules about settings taken together. Each names the keys by which the operator can put it right.
import type { ConfigProblem } from './config-problem.js';
import type { Config } from './config.js';
import { readMcpServers } from './mcp-server.js';
import { isNameOfApi } from './openapi-source.js';
import { isLoopback } from './setting-checks.js';

/** Of a server's name, what its tools' names cannot have. */
const UNFIT = /[^A-Za-z0-9_-]/g;

/** @param sourceOf where the value of a key came from */
export function crossCheck(config: Config, sourceOf: (path: string) => string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const refuse = (key: string, message: string): void => void problems.push({ source: sourceOf(key), key, message });
  const { websocket, auth } = config;
  const { security } = websocket;

  if (security.maxFrameBytes > websocket.maxMessageBytes) {
    refuse(
      'websocket.security.max_frame_size',
      `${security.maxFrameBytes} is more than websocket.max_message_size, ${websocket.maxMessageBytes}: a frame is part of a message`,
    );
  }
  if (websocket.drainSpreadMs > websocket.drainTimeoutMs) {
    refuse('websocket.drain_spread', 'is longer than websocket.drain_timeout, in which all connections are to be closed');
  }
  if (!security.requireAuth && !isLoopback(config.host) && !security.allowAnonymousRemote) {
    refuse(
      'websocket.security.require_auth',
      `is false while server.host is ${config.host}, which other machines reach; listen on 127.0.0.1, or set websocket.security.allow_anonymous_remote to true`,
    );
  }
  if ((config.tls.cert === undefined) !== (config.tls.key === undefined)) {
    refuse(config.tls.cert === undefined ? 'tls.key' : 'tls.cert', 'is set alone; HTTPS needs both tls.cert and tls.key');
  }
  const keys = [
    ['auth.jwt.secret', auth.jwt.secret],
    ['auth.jwt.public_key', auth.jwt.publicKey],
    ['auth.jwt.jwks_url', auth.jwt.jwksUrl],
  ].flatMap(([key, value]) => (value === undefined ? [] : [key as string]));
  if (keys.length > 1) refuse(keys[1] as string, `is set beside ${keys[0] as string}; tokens are checked with one of them: set one`);
  if (keys.length === 0) {
    for (const key of ['issuer', 'audience'] as const) {
      if (auth.jwt[key] !== undefined)
        refuse(`auth.jwt.${key}`, 'has no effect without auth.jwt.secret, auth.jwt.public_key or auth.jwt.jwks_url');
    }
  }
  for (const [name, { tenants = null }] of readMcpServers(config.mcpServers ?? {}).servers) {
    const source = name.replace(UNFIT, '_');
    if (isNameOfApi(config, source, tenants))
      refuse('openapi', `${source} is a name in mcpServers too: tools of both would be called ${source}.<tool>`);
  }
  return problems;
}
