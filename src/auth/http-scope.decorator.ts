// The scope that a REST route needs, beside `@UseGuards(HttpAuthGuard)`.
import { SetMetadata } from '@nestjs/common';

export const HTTP_SCOPE = 'mcpw:http-scope';

/** `@HttpScope('admin')` on a controller or one of its methods: callers without the scope get 403. Without it, any caller with a credential may. */
export const HttpScope = (scope: string) => SetMetadata(HTTP_SCOPE, scope);
