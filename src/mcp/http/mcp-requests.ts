// What a request to `/mcp` brings: by its HTTP method a message, a wish for a stream, or the end of a session.
import { isUtf8 } from 'node:buffer';

import { Inject, Injectable } from '@nestjs/common';
import { isJsonContentType } from '@modelcontextprotocol/server';

import { Config } from '../../config/config.js';
import { TrafficMeter } from '../../connection/traffic-meter.js';
import { jsonProblem } from '../../validation/census/json-census.js';
import { RpcCode } from '../json-rpc.js';
import { HttpAnswers } from './http-answers.js';
import { HttpMessages } from './http-messages.js';
import { accepts, type McpRequest } from './mcp-request.js';
import { readBody } from './read-body.js';
import { SessionRequests } from './session-requests.js';

@Injectable()
export class McpRequests {
  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly answers: HttpAnswers,
    private readonly messages: HttpMessages,
    private readonly sessions: SessionRequests,
    private readonly meter: TrafficMeter,
  ) {}

  handle(exchange: McpRequest): void {
    const { request, response, headers } = exchange;
    switch (request.method) {
      case 'POST':
        this.post(exchange);
        return;
      case 'GET':
        this.sessions.stream(exchange);
        return;
      case 'DELETE':
        this.sessions.end(exchange);
        return;
      default:
        this.answers.refuse(response, 405, 'GET, POST and DELETE are known here', { ...headers, Allow: 'GET, POST, DELETE' });
    }
  }

  private post(exchange: McpRequest): void {
    const { request, response, headers } = exchange;
    const { maxMessageBytes } = this.config.websocket;
    if (!isJson(request.headers['content-type'])) {
      this.answers.refuse(response, 415, 'the body is to be application/json', headers);
      return;
    }
    if (!accepts(request, 'application/json') && !accepts(request, 'text/event-stream')) {
      this.answers.refuse(response, 406, 'the answer is application/json or text/event-stream', headers);
      return;
    }
    readBody(request, maxMessageBytes, (body) => {
      if (body === undefined) {
        this.answers.refuseUnread(request, response, 413, `over max_message_size ${maxMessageBytes}`, headers);
        return;
      }
      this.meter.received(body.length);
      this.read(exchange, body);
    });
  }

  private read(exchange: McpRequest, body: Buffer): void {
    const { response, headers, request } = exchange;
    const problem = jsonProblem(body);
    if (problem !== undefined) {
      this.answers.refuse(response, 413, problem, headers);
      return;
    }
    let message: unknown;
    try {
      if (!isUtf8(body)) throw new SyntaxError('not UTF-8');
      message = JSON.parse(body.toString());
    } catch {
      this.answers.refuse(response, 400, 'Parse error: the body is not JSON', headers, RpcCode.PARSE_ERROR);
      return;
    }
    try {
      this.messages.receive(exchange, message);
    } catch (error) {
      this.answers.fail(request, response, error, headers);
    }
  }
}

const isJson = (type: string | undefined): boolean => type === 'application/json' || (type !== undefined && isJsonContentType(type));
