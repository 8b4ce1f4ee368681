// Params of the methods that are not called all the time, checked by the SDK's schemas.
import { ProtocolError, specTypeSchemas, type SpecTypeName, type SpecTypes } from '@modelcontextprotocol/server';

import { RpcCode, type RpcParams } from '../json-rpc.js';

const MOST_ISSUES = 10;

/** @throws ProtocolError that names what is wrong */
export function checkParams<Name extends SpecTypeName>(name: Name, params: RpcParams): SpecTypes[Name] {
  const outcome = specTypeSchemas[name]['~standard'].validate(params);
  if (outcome instanceof Promise) throw new Error(`${name} is checked asynchronously`);
  if (outcome.issues === undefined) return outcome.value;
  const errors = outcome.issues.slice(0, MOST_ISSUES).map(({ path = [], message }) => ({
    path: path.map((part) => `/${String(typeof part === 'object' ? part.key : part)}`).join(''),
    message,
  }));
  throw new ProtocolError(RpcCode.INVALID_PARAMS, `${errors[0]?.path ?? '/'}: ${errors[0]?.message ?? 'invalid params'}`, { errors });
}
