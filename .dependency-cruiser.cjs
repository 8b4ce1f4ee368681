// Imports go down only. The layers, from the ground up:
//   extension < config < storage, validation, egress < auth < context, tools, events, idempotency, session, audit, limits
//   < federation, openapi-tools < connection < protocol < mcp < monitoring, http, api-docs < the files of src itself, cli
const LAYERS = [
  ['extension'],
  ['config'],
  ['storage', 'validation', 'egress'],
  ['auth'],
  ['context', 'tools', 'events', 'idempotency', 'session', 'audit', 'limits'],
  ['federation', 'openapi-tools'],
  ['connection'],
  ['protocol'],
  ['mcp'],
  ['monitoring', 'http', 'api-docs'],
];
const FEATURES = LAYERS[4];
/** What composes the server and starts it: nothing else imports these. */
const ROOTS = '^src/([^/]+\\.ts$|cli/)';

const folders = (names) => `^src/(${names.join('|')})/`;

/** A layer imports itself and what lies below it; folders of one layer do not import each other. */
const layerRules = LAYERS.flatMap((layer, level) =>
  layer.map((folder) => ({
    name: `${folder}-imports-down-only`,
    severity: 'error',
    comment: `src/${folder} may import only itself and the layers below it.`,
    from: { path: folders([folder]) },
    to: { path: '^src/', pathNot: folders([folder, ...LAYERS.slice(0, level).flat()]) },
  })),
);

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'What two modules both want is a third module, or an event.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-folder-has-a-layer',
      severity: 'error',
      comment: 'A new folder under src gets its place in the layers of .dependency-cruiser.cjs.',
      from: { path: '^src/', pathNot: [folders(LAYERS.flat()), ROOTS] },
      to: {},
    },
    {
      name: 'features-see-no-socket',
      severity: 'error',
      comment: 'Features know a Channel of the extension layer.',
      from: { path: folders(FEATURES) },
      to: { path: ['node_modules/ws/', 'node_modules/@nestjs/platform-ws/', '^(node:)?net$'] },
    },
    {
      name: 'protocol-package-stands-alone',
      severity: 'error',
      comment: 'The wire runs in browsers: no server code, nothing that only Node has outside *.node.ts and node/.',
      from: { path: '^libs/protocol/src/', pathNot: ['\\.spec\\.ts$', '\\.node\\.ts$', '^libs/protocol/src/node/'] },
      to: { path: ['^src/', '^libs/client/'] },
    },
    {
      name: 'protocol-package-without-node',
      severity: 'error',
      comment: 'Only *.node.ts and node/ use what Node alone has.',
      from: { path: '^libs/protocol/src/', pathNot: ['\\.spec\\.ts$', '\\.node\\.ts$', '^libs/protocol/src/node/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'client-package-builds-on-the-protocol-alone',
      severity: 'error',
      comment: 'The client is shipped to others: no server code; Node only in *.node.ts and node/.',
      from: { path: '^libs/client/src/', pathNot: ['\\.spec\\.ts$', '\\.node\\.ts$', '^libs/client/src/node/'] },
      to: { path: '^src/' },
    },
    {
      name: 'client-package-without-node',
      severity: 'error',
      comment: 'Only *.node.ts and node/ use what Node alone has.',
      from: { path: '^libs/client/src/', pathNot: ['\\.spec\\.ts$', '\\.node\\.ts$', '^libs/client/src/node/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'behaviour-tests-see-the-server-from-outside',
      severity: 'error',
      comment: 'They drive the built server over the network.',
      from: { path: '^test/(protocol|conformance|faults|support)/' },
      to: { path: '^src/' },
    },
    {
      name: 'the-raw-client-knows-the-page-alone',
      severity: 'error',
      comment: 'It shows that PROTOCOL.md is enough to write a client from.',
      from: { path: '^test/conformance/raw-[^.]+\\.ts$' },
      to: { path: '^(src|libs|test)/', pathNot: '^test/conformance/raw-' },
    },
    {
      name: 'no-test-code-in-the-product',
      severity: 'error',
      from: { path: '^(src|libs)/', pathNot: '\\.spec\\.ts$' },
      to: { path: ['^test/', '\\.spec\\.ts$', '^examples/'] },
    },
    {
      name: 'examples-are-a-teams-own-module',
      severity: 'error',
      comment: 'If an example needs more than the public door, so will a team: the door is too small.',
      from: { path: '^examples/' },
      to: { path: '^src/', pathNot: '^src/index\\.ts$' },
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      from: { path: '^(src|libs/[^/]+/src)/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
