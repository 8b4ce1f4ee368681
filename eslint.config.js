// What the compiler does not check. Formatting is prettier's, layers are dependency-cruiser's.
import tseslint from 'typescript-eslint';

const LOAD_CONFIG = 'src/config/load-config.ts';

export default tseslint.config(
  { ignores: ['**/dist/', 'node_modules/', 'coverage/', '.cache/', 'data/', '**/*.d.ts'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './libs/*/tsconfig.json', './tsconfig.test.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      // A port is an interface and a symbol of the same name.
      '@typescript-eslint/no-redeclare': 'off',
      // Nest calls lifecycle hooks and handlers by contract: they may be async without awaiting.
      '@typescript-eslint/require-await': 'off',
      // Members of plain objects are taken apart on purpose; the rule cannot tell them from a class's methods.
      '@typescript-eslint/unbound-method': 'off',
      // Numbers in messages are plain enough.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 350, skipBlankLines: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: `Settings are read by ${LOAD_CONFIG} alone; inject Config.` },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:process', message: `Settings are read by ${LOAD_CONFIG} alone.` },
            { name: 'process', message: 'Use the global.' },
          ],
        },
      ],
    },
  },
  { files: [LOAD_CONFIG], rules: { 'no-restricted-properties': 'off' } },
  // Programs for a terminal talk to it.
  {
    files: ['src/run-server.ts', 'src/serve.ts', 'src/cli/**/*.ts', 'test/**/main.ts', 'test/performance/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'no-restricted-properties': 'off',
      // Tests look into what came over the wire, which has no type.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  { files: ['**/*.js', '**/*.cjs', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
