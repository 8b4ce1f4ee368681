// The suite's resources: a text, a picture, a template, and one that can be watched.
import { Failure } from 'mcpw';

import { PIXEL_PNG } from './fixture-media.js';

const TEMPLATE = /^test:\/\/template\/([^/]+)\/data$/;

const RESOURCES = [
  { uri: 'test://static-text', name: 'static-text', description: 'A text', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'static-binary', description: 'A picture', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'watched-resource', description: 'A text that can be watched', mimeType: 'text/plain' },
];

const CONTENTS = {
  'test://static-text': { text: 'This is the content of the static text resource.' },
  'test://static-binary': { blob: PIXEL_PNG },
  'test://watched-resource': { text: 'Watched resource content' },
};

export class FixtureResources {
  name = 'conformance';

  list() {
    return { resources: RESOURCES };
  }

  listTemplates() {
    return [{ uriTemplate: 'test://template/{id}/data', name: 'template', description: 'Data of an id', mimeType: 'application/json' }];
  }

  owns(_caller, uri) {
    return uri.startsWith('test://');
  }

  read(_caller, uri) {
    const id = TEMPLATE.exec(uri)?.[1];
    if (id !== undefined) {
      return [{ uri, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }];
    }
    const { mimeType } = find(uri);
    return [{ uri, mimeType, ...CONTENTS[uri] }];
  }

  watch(_caller, uri) {
    find(uri);
    return () => undefined;
  }

  complete() {
    return { values: [], total: 0, hasMore: false };
  }

  onListChanged() {
    return () => undefined;
  }
}

function find(uri) {
  const resource = RESOURCES.find((candidate) => candidate.uri === uri);
  if (resource === undefined) throw Failure.notFound(`resource ${uri}`);
  return resource;
}
