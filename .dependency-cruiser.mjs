/**
 * The layers: server → asr → adapters → kernels, each of which sees only what is to its right.
 * bench/ and test/ import anything, and nothing imports them. Type-only imports count.
 * `scripts/check-layers.mjs` proves that these rules are applied at all.
 */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no reading order. Type-only imports count: they are read too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'kernels-know-no-other-layer',
      comment: 'kernels/ is the lowest layer: graphs, layers and the runtime.',
      severity: 'error',
      from: { path: '^kernels/' },
      to: { path: '^(adapters|asr|server|client|bench|test|examples)/' },
    },
    {
      name: 'adapters-know-only-kernels',
      comment:
        'The training loop in adapters/ is pure: features, tokens, block graphs and the dev-WER function are passed in. ' +
        '`npm run train` is composed under bench/.',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^(asr|server|client|bench|test|examples)/' },
    },
    {
      name: 'asr-knows-only-adapters-and-kernels',
      comment: 'Recognition works without the server: as a library, in benches, in the embedded command.',
      severity: 'error',
      from: { path: '^asr/' },
      to: { path: '^(server|client|bench|test|examples)/' },
    },
    {
      name: 'server-does-not-know-the-client',
      comment: 'Client and server share the protocol, which lies under server/; the arrow goes one way.',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^(client|examples)/' },
    },
    {
      name: 'client-knows-only-the-protocol',
      comment: 'SDK and page are published without server code; they share one module of schemas and types.',
      severity: 'error',
      from: { path: '^client/', pathNot: '^client/commands/' },
      to: {
        path: '^(kernels|adapters|asr|server|bench|test|examples|client/commands)/',
        pathNot: '^server/protocol(/|[.]ts$)',
      },
    },
    {
      name: 'commands-know-only-the-sdk',
      comment:
        'A command may talk to a service as any client does, by the SDK, or recognise by itself; the page is nothing to it.',
      severity: 'error',
      from: { path: '^client/commands/' },
      to: { path: '^(client/web|examples)/' },
    },
    {
      name: 'client-takes-only-types-of-the-protocol',
      comment: 'A schema would bring zod into every page. What a client reads was made by the service that it trusts.',
      severity: 'error',
      from: { path: '^client/', pathNot: '^client/commands/' },
      to: { path: '^server/protocol(/|[.]ts$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sdk-needs-no-package',
      comment: 'The SDK is loaded by browsers as it is. For ws, which Node before 22 wants, only types are imported.',
      severity: 'error',
      from: { path: '^client/sdk/' },
      to: { path: '(^client/web/|node_modules/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'protocol-stands-alone',
      comment: 'What the client shares must not draw server code in with it.',
      severity: 'error',
      from: { path: '^server/protocol(/|[.]ts$)' },
      to: { path: '^(kernels|adapters|asr|server|client|bench|test|examples)/', pathNot: '^server/protocol(/|[.]ts$)' },
    },
    {
      name: 'nothing-imports-bench',
      comment: 'Benches measure the product; the product does not know them.',
      severity: 'error',
      from: { pathNot: '^(bench|test)/' },
      to: { path: '^bench/' },
    },
    {
      name: 'nothing-imports-test',
      severity: 'error',
      comment: 'Tests may share code in test/; nothing else may use it.',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'only-session-imports-onnxruntime',
      comment:
        'kernels/session.ts is the one door to the runtime, behind kernels/no-telemetry.ts, which must be loaded before it. ' +
        'Everything else takes its types from the door.',
      severity: 'error',
      from: { pathNot: '^kernels/session[.]ts$' },
      to: { path: 'node_modules/onnxruntime-(node|common)/' },
    },
    {
      name: 'only-server-speaks-http',
      comment: "express and ws's server belong to server/; a client uses the platform's WebSocket or ws as a client.",
      severity: 'error',
      from: { pathNot: '^(server|client|bench|test|examples)/' },
      to: { path: 'node_modules/(@types/)?(express|ws)/' },
    },
    {
      name: 'client-does-not-serve',
      comment: 'A client has no HTTP server in it.',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: 'node_modules/(@types/)?express/' },
    },
    {
      name: 'ffmpeg-has-one-door',
      comment: 'fluent-ffmpeg is no longer maintained (docs/adr/0003): only asr/audio/ knows it, so that it can be replaced.',
      severity: 'error',
      from: { pathNot: '^(asr/audio|bench|test)/' },
      to: { path: 'node_modules/(@types/)?(fluent-ffmpeg|@ffmpeg-installer)/' },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere is not checked by any other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-dependency-in-the-product',
      comment: 'What is shipped runs without the development dependencies. The web page is shipped with what it imports in it.',
      severity: 'error',
      from: { path: '^(kernels|adapters|asr|server|client)/', pathNot: '^client/web/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['flora-asr-source', 'import', 'require', 'node', 'default', 'types'],
    },
  },
};
