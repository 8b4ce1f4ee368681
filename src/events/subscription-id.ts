// Ids of subscriptions: 22 characters of base64url, the width for which shared notifications leave room (extension/channel.ts).
import { randomBytes } from 'node:crypto';

export const newSubscriptionId = (): string => randomBytes(16).toString('base64url');
