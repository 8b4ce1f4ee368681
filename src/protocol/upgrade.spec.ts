import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';

import type { ThrottlerStorage } from '@nestjs/throttler';
import { expect, it } from 'vitest';

import { ANONYMOUS, type Authenticated } from '../auth/authenticated.js';
import { ClientAddress } from '../auth/client-address.js';
import { testConfig } from '../auth/testing/test-config.js';
import type { UpgradeAuthenticator } from '../auth/upgrade-authenticator.js';
import { ConnectionRegistry } from '../connection/connection-registry.js';
import { Draining } from '../connection/draining.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import { NO_AUDIT } from '../extension/audit-log.js';
import { RefusalAudit } from './refusal-audit.js';
import { Upgrade } from './upgrade.js';

const config = testConfig({ MCPW_WEBSOCKET_RATE_LIMIT_ENABLED: 'false' });

/** An upgrade whose credential is being looked at until the test says that it is good. */
function upgrading(): { draining: Draining; admit: () => Promise<string> } {
  const shown = Promise.withResolvers<Authenticated>();
  const authenticator: Pick<UpgradeAuthenticator, 'authenticate'> = { authenticate: () => shown.promise };
  const registry = new ConnectionRegistry(config);
  const draining = new Draining(config, registry);
  const upgrade = new Upgrade(
    config,
    registry,
    draining,
    authenticator as unknown as UpgradeAuthenticator,
    {} as ThrottlerStorage,
    new ClientAddress(config),
    new TrafficMeter(),
    new RefusalAudit(NO_AUDIT),
  );
  const request = { url: '/ws', headers: {}, socket: { remoteAddress: '192.0.2.1' } } as unknown as IncomingMessage;
  const socket = new PassThrough();
  let outcome = '';
  socket.on('data', (data: Buffer) => (outcome += data.toString()));
  const handled = upgrade.handle(request, socket, Buffer.alloc(0), () => (outcome = 'accepted'));
  return {
    draining,
    admit: async () => {
      shown.resolve(ANONYMOUS);
      await handled;
      await new Promise((resolve) => setImmediate(resolve));
      return outcome;
    },
  };
}

it('lets in who has shown a good credential', async () => {
  expect(await upgrading().admit()).toBe('accepted');
});

it('refuses with 503 whose credential is found good when the server has begun to drain', async () => {
  const { draining, admit } = upgrading();
  await draining.drain();
  expect(await admit()).toMatch(/^HTTP\/1.1 503 .*\r\nRetry-After: \d+\r\n.*the server is draining/s);
});
