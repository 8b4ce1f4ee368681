// The suite's prompts. The list changes when a tool says so.
import { Failure, InputRequired } from 'mcpw';

import { PIXEL_PNG } from './fixture-media.js';

const says = (...contents) => ({ messages: contents.map((content) => ({ role: 'user', content })) });
const text = (value) => ({ type: 'text', text: value });

const PROMPTS = {
  test_simple_prompt: {
    description: 'A prompt without arguments',
    get: () => says(text('This is a simple prompt for testing.')),
  },
  test_prompt_with_arguments: {
    description: 'A prompt with arguments',
    arguments: [
      { name: 'arg1', description: 'First test argument', required: true },
      { name: 'arg2', description: 'Second test argument', required: true },
    ],
    get: ({ arg1, arg2 }) => says(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  },
  test_prompt_with_embedded_resource: {
    description: 'A prompt with a resource in it',
    arguments: [{ name: 'resourceUri', description: 'URI of the resource', required: true }],
    get: ({ resourceUri }) =>
      says(
        { type: 'resource', resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' } },
        text('Please process the embedded resource above.'),
      ),
  },
  test_prompt_with_image: {
    description: 'A prompt with a picture',
    get: () => says({ type: 'image', data: PIXEL_PNG, mimeType: 'image/png' }, text('Please analyze the image above.')),
  },
  test_input_required_result_prompt: {
    description: 'A prompt that asks the user first',
    get: (_args, { client }) => {
      const answer = client.responses.user_context;
      if (typeof answer?.content?.context === 'string') return says(text(`Prompt with context: ${answer.content.context}`));
      throw new InputRequired({
        user_context: {
          method: 'elicitation/create',
          params: {
            message: 'What context should the prompt use?',
            requestedSchema: { type: 'object', properties: { context: { type: 'string' } }, required: ['context'] },
          },
        },
      });
    },
  },
};

export class FixturePrompts {
  name = 'conformance';
  #listeners = new Set();

  list() {
    return Object.entries(PROMPTS).map(([name, prompt]) => ({ name, ...prompt, get: undefined }));
  }

  owns(_caller, name) {
    return Object.hasOwn(PROMPTS, name);
  }

  get(caller, name, args) {
    const missing = PROMPTS[name].arguments?.find((argument) => argument.required && args[argument.name] === undefined);
    if (missing !== undefined) throw Failure.invalidParams([{ path: `/arguments/${missing.name}`, message: 'is required' }]);
    return PROMPTS[name].get(args, caller);
  }

  complete(_caller, { argument }) {
    const values = ['paris', 'park', 'party'].filter((value) => value.startsWith(argument.value));
    return { values, total: values.length, hasMore: false };
  }

  onListChanged(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed() {
    for (const listener of this.#listeners) listener(null);
  }
}
