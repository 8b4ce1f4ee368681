// The scope that a REST route needs, beside `@UseGuards(HttpAuthGuard)`.
import { applyDecorators, SetMetadata } from '@nestjs/common';

export const HTTP_SCOPE = 'mcpw:http-scope';
export const HTTP_OPERATOR = 'mcpw:http-operator';

/** `@HttpScope('admin')` on a controller or one of its methods: callers without the scope get 403. Without it, any caller with a credential may. */
export const HttpScope = (scope: string) => SetMetadata(HTTP_SCOPE, scope);

/** For what tells of the whole server, and so of every tenant: for holders of the scope in the tenant whose admins run it. */
export const OperatorOnly = (scope = 'admin') => applyDecorators(HttpScope(scope), SetMetadata(HTTP_OPERATOR, true));
