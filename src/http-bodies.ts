// What bodies of REST requests may be: JSON with as many names and values as a message may have, and small forms. They are read before
// anybody is asked who they are. Not /mcp's, which does not come this way.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { Failure } from './extension/failure.js';
import { jsonProblem } from './validation/census/json-census.js';

export const BODY_LIMIT_BYTES = 1024 * 1024;
/** A form has a field in two bytes, and a megabyte of them takes a fifth of a second to read. */
const FORM_LIMIT_BYTES = 16 * 1024;

type Done = (error: Error | null, body?: unknown) => void;

/** Before any route is there. */
export function boundBodies(app: NestFastifyApplication): void {
  const parse = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  app.useBodyParser(
    'application/json',
    { bodyLimit: BODY_LIMIT_BYTES },
    (request: Parameters<typeof parse>[0], body: Buffer, done: Done) => {
      const problem = jsonProblem(body);
      if (problem === undefined) void parse(request, body.toString(), done);
      else done(new Failure('too_large', problem));
    },
  );
  app.useBodyParser('application/x-www-form-urlencoded', { bodyLimit: FORM_LIMIT_BYTES });
}
