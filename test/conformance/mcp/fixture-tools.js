// The suite's tools. What one needs of its client it asks for in one way, whichever era the client is of.
import { setTimeout as delay } from 'node:timers/promises';

import { Failure, InputRequired } from 'mcpw';

import { PIXEL_PNG, SILENCE_WAV } from './fixture-media.js';

const NO_ARGUMENTS = { type: 'object', properties: {} };
const STEP_MS = 50;

const text = (value) => ({ content: [{ type: 'text', text: value }] });

const elicitation = (message, properties, required = Object.keys(properties)) => ({
  method: 'elicitation/create',
  params: { message, requestedSchema: { type: 'object', properties, required } },
});
const sampling = (prompt, maxTokens = 100) => ({
  method: 'sampling/createMessage',
  params: { messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens },
});
const ROOTS = { method: 'roots/list', params: {} };
const CONFIRM = elicitation('Please confirm', { ok: { type: 'boolean' } });

/** Asks for what is not there yet, all at once; then answers. */
const asking = (requests, answer, state) => (args, caller) => {
  const { responses } = caller.client;
  const wanted = typeof requests === 'function' ? requests(args, caller) : requests;
  if (Object.keys(wanted).some((name) => responses[name] === undefined)) throw new InputRequired(wanted, state);
  return answer(responses, caller.client.state);
};

const plain = (description, execute, inputSchema = NO_ARGUMENTS) => ({ description, inputSchema, execute });

const ENUMS = {
  untitledSingle: { type: 'string', description: 'One of three', enum: ['option1', 'option2', 'option3'] },
  titledSingle: {
    type: 'string',
    description: 'One of three with titles',
    oneOf: [
      { const: 'value1', title: 'First Option' },
      { const: 'value2', title: 'Second Option' },
      { const: 'value3', title: 'Third Option' },
    ],
  },
  legacyEnum: {
    type: 'string',
    description: 'One of three, with names as they were once written',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: {
    type: 'array',
    description: 'Some of three',
    minItems: 1,
    maxItems: 3,
    items: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  },
  titledMulti: {
    type: 'array',
    description: 'Some of three with titles',
    minItems: 1,
    maxItems: 3,
    items: {
      anyOf: [
        { const: 'value1', title: 'First Choice' },
        { const: 'value2', title: 'Second Choice' },
        { const: 'value3', title: 'Third Choice' },
      ],
    },
  },
};

const DEFAULTS = {
  name: { type: 'string', description: 'User name', default: 'John Doe' },
  age: { type: 'integer', description: 'User age', default: 30 },
  score: { type: 'number', description: 'User score', default: 95.5 },
  status: { type: 'string', description: 'User status', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', description: 'Whether verified', default: true },
};

const ALL_OF_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

const elicited = ({ action, content }) => text(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`);

const TOOLS = {
  test_simple_text: plain('A text', () => text('This is a simple text response for testing.')),
  test_image_content: plain('A picture', () => ({ content: [{ type: 'image', data: PIXEL_PNG, mimeType: 'image/png' }] })),
  test_audio_content: plain('A sound', () => ({ content: [{ type: 'audio', data: SILENCE_WAV, mimeType: 'audio/wav' }] })),
  test_embedded_resource: plain('A resource', () => ({
    content: [
      {
        type: 'resource',
        resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' },
      },
    ],
  })),
  test_multiple_content_types: plain('A text, a picture and a resource', () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: PIXEL_PNG, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: '{"test":"data","value":123}' },
      },
    ],
  })),
  test_tool_with_logging: plain('Tells what it does', async (_args, { client }) => {
    client.log('info', 'Tool execution started');
    await delay(STEP_MS);
    client.log('info', 'Tool processing data');
    await delay(STEP_MS);
    client.log('info', 'Tool execution completed');
    return text('Tool with logging executed successfully');
  }),
  test_tool_with_progress: plain('Tells how far it is', async (_args, caller) => {
    caller.progress(0, 100, 'Completed step 0 of 100');
    await delay(STEP_MS);
    caller.progress(50, 100, 'Completed step 50 of 100');
    await delay(STEP_MS);
    caller.progress(100, 100, 'Completed step 100 of 100');
    return text('Tool with progress executed successfully');
  }),
  test_error_handling: plain('Fails', () => {
    throw new Failure('unavailable', 'This tool intentionally returns an error for testing');
  }),
  test_sampling: plain(
    'Asks the model of its client',
    asking(
      ({ prompt }) => ({ answer: sampling(prompt) }),
      ({ answer }) => text(`LLM response: ${answer.content?.text}`),
    ),
    { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
  ),
  test_elicitation: plain(
    'Asks the user of its client',
    asking(
      ({ message }) => ({
        answer: elicitation(message, {
          username: { type: 'string', description: "User's response" },
          email: { type: 'string', description: "User's email address" },
        }),
      }),
      ({ answer }) => text(`User response: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`),
    ),
    { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
  ),
  test_elicitation_sep1034_defaults: plain(
    'Asks with defaults',
    asking({ form: elicitation('Please review the form', DEFAULTS, []) }, ({ form }) => elicited(form)),
  ),
  test_elicitation_sep1330_enums: plain(
    'Asks with choices',
    asking({ form: elicitation('Please select options', ENUMS, []) }, ({ form }) => elicited(form)),
  ),
  json_schema_2020_12_tool: plain('Has a schema of many keywords', (args) => text(JSON.stringify(args)), ALL_OF_2020_12),
  test_x_mcp_header: plain('Has an argument that goes as a header too', (args) => text(JSON.stringify(args)), {
    type: 'object',
    properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
    required: ['region'],
  }),
  test_missing_capability: plain(
    'Cannot do without the model of its client',
    asking({ answer: sampling('Say something') }, () => text('Success')),
  ),
  test_streaming_elicitation: plain('Tells how far it is, and asks', (args, caller) => {
    caller.progress(50, 100);
    return asking({ answer: CONFIRM }, () => text('Streaming complete'))(args, caller);
  }),
  test_logging_tool: plain('Tells what it does to who wants to hear it', (_args, { client }) => {
    client.log('info', 'Diagnostic trace');
    return text('Logging evaluated');
  }),
  test_input_required_result_elicitation: plain(
    'Asks for a name',
    asking({ user_name: elicitation('What is your name?', { name: { type: 'string' } }) }, ({ user_name: { content } }) =>
      text(`Hello, ${content?.name}!`),
    ),
  ),
  test_input_required_result_sampling: plain(
    'Asks the model',
    asking({ capital_question: sampling('What is the capital of France?') }, ({ capital_question: { content } }) => text(content?.text)),
  ),
  test_input_required_result_list_roots: plain(
    'Asks for roots',
    asking({ client_roots: ROOTS }, ({ client_roots: { roots = [] } }) => text(`Found ${roots.length} root(s)`)),
  ),
  test_input_required_result_request_state: plain(
    'Remembers',
    asking({ confirm: CONFIRM }, (_answers, state) => text(state?.kind === 'remembered' ? 'state-ok' : 'state lost'), {
      kind: 'remembered',
    }),
  ),
  test_input_required_result_tampered_state: plain(
    'Remembers, and is not deceived',
    asking({ confirm: CONFIRM }, () => text('integrity-ok'), { kind: 'guarded' }),
  ),
  test_input_required_result_multiple_inputs: plain(
    'Asks for three things',
    asking(
      {
        user_name: elicitation('What is your name?', { name: { type: 'string' } }),
        greeting: sampling('Generate a greeting', 50),
        client_roots: ROOTS,
      },
      () => text('Heard all three'),
      { kind: 'three' },
    ),
  ),
  test_input_required_result_multi_round: plain('Asks twice', (_args, { client: { responses, state } }) => {
    if (state?.name !== undefined && responses.step2 !== undefined) {
      return text(`${state.name} likes ${responses.step2.content?.color}`);
    }
    if (responses.step1 === undefined) {
      throw new InputRequired({ step1: elicitation('Step 1: What is your name?', { name: { type: 'string' } }) }, { round: 1 });
    }
    const step2 = elicitation('Step 2: What is your favorite color?', { color: { type: 'string' } });
    throw new InputRequired({ step2 }, { round: 2, name: responses.step1.content?.name ?? 'friend' });
  }),
  test_input_required_result_capabilities: plain('Asks for what its client can give', (_args, { client }) => {
    const requests = {
      ...(client.capabilities.elicitation && { elicit_input: elicitation('A value', { value: { type: 'string' } }) }),
      ...(client.capabilities.sampling && { sample_input: sampling('A sample', 50) }),
    };
    if (Object.keys(client.responses).length > 0) return text(`capabilities-ok: ${Object.keys(client.responses).join(', ')}`);
    if (Object.keys(requests).length === 0) return text('nothing to ask for');
    throw new InputRequired(requests, { kind: 'capabilities' });
  }),
};

/** @typedef {import('mcpw').RegisteredTool} RegisteredTool */

export class FixtureTools {
  name = 'conformance';
  #listeners = new Set();
  #tools = new Map();

  /** @param prompts whose list a tool can have changed */
  constructor(prompts) {
    const all = {
      ...TOOLS,
      test_trigger_tool_change: plain('Has the list of tools change', () => {
        for (const listener of this.#listeners) listener(null);
        return text('Mutation triggered');
      }),
      test_trigger_prompt_change: plain('Has the list of prompts change', () => {
        prompts.changed();
        return text('Mutation triggered');
      }),
    };
    for (const [name, tool] of Object.entries(all)) {
      this.#tools.set(name, { name, source: this.name, scopes: [], validate: () => null, ...tool });
    }
  }

  list() {
    return [...this.#tools.values()];
  }

  find(_tenant, name) {
    return this.#tools.get(name);
  }

  onChanged(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
