// The scope that a method needs. Every method states one, or that it is open to all who are initialized.
import { SetMetadata } from '@nestjs/common';

export const REQUIRED_SCOPE = 'mcpw:required-scope';
export const OPEN = 'mcpw:open';

/** `@Requires('contexts:read')` on a `@SubscribeMessage` handler: callers without the scope get 4012. */
export const Requires = (scope: string) => SetMetadata(REQUIRED_SCOPE, scope);

/** Any initialized caller may call this method. */
export const Open = () => SetMetadata(REQUIRED_SCOPE, OPEN);
