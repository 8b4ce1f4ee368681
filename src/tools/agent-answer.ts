// What an agent answers to `tool.execute`, read as what its tool returned. The agent is a stranger: nothing is taken on trust.
import { Failure } from '../extension/failure.js';
import { isRecord } from '../extension/is-record.js';
import type { ContentBlock, ToolOutput } from '../extension/tool.decorator.js';
import { NoOutcome } from './tool-source.js';

/**
 * @param answer result of the protocol's `tool.execute`: `{status, result?{content[],structured?}, error?{message,data?}}`
 * @throws Failure the tool ran and failed, in the agent's words
 * @throws NoOutcome `unavailable` where it is not such an answer
 */
export function readAgentAnswer(tool: string, answer: unknown): ToolOutput {
  if (isRecord(answer)) {
    const { status, result, error } = answer;
    if (status === 'failed') throw agentFailure(error);
    if (status === 'completed' && result === undefined) return { content: [] };
    if (status === 'completed' && isRecord(result)) {
      const { content = [], structured } = result;
      if (isContent(content)) return { content, structured };
    }
  }
  throw new NoOutcome(new Failure('unavailable', `the agent that offers ${tool} did not answer with a tool's result`));
}

/** Its kind goes nowhere: a failed outcome has a message and data. */
function agentFailure(error: unknown): Failure {
  const { message, data } = isRecord(error) ? error : {};
  return new Failure('unavailable', typeof message === 'string' ? message : 'the tool failed', isRecord(data) ? data : undefined);
}

function isContent(content: unknown): content is ContentBlock[] {
  return Array.isArray(content) && content.every((block) => isRecord(block) && isBlock(block));
}

function isBlock({ type, text, data, mimeType, resource, uri, name }: Record<string, unknown>): boolean {
  switch (type) {
    case 'text':
      return typeof text === 'string';
    case 'image':
    case 'audio':
      return isBinary(data) && typeof mimeType === 'string';
    case 'resource':
      return isRecord(resource) && typeof resource['uri'] === 'string';
    case 'resource_link':
      return typeof uri === 'string' && typeof name === 'string';
    default:
      return false;
  }
}

const isBinary = (data: unknown): boolean => typeof data === 'string' || data instanceof Uint8Array;
