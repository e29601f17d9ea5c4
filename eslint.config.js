import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const readsEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only config/ reads the environment: take a setting from the configuration that you are given.',
};
const matchesMessageText = {
  selector: "CallExpression[callee.property.name=/^(includes|match|startsWith|endsWith)$/][callee.object.property.name='message'][callee.object.object.name=/^(e|err|error|cause)$/]",
  message: 'Texts of errors change: tell failures apart by their kind (domain/failure.ts) or their code.',
};

export default defineConfig(
  { ignores: ['node_modules', 'coverage', '.barometer', '**/*.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // `import { type X }` leaves an empty run-time import behind, and with it activities in the workflow bundle.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      'no-restricted-syntax': [
        'error',
        readsEnvironment,
        matchesMessageText,
        {
          selector: "ImportSpecifier[importKind='type']",
          message: 'Write a separate `import type { X }`: an inline one leaves an empty run-time import behind.',
        },
      ],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Statements read better when an arrow that returns nothing may be short.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An index that the loop has just bounded is certain; `noUncheckedIndexedAccess` can't know.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Ports are made by factories: closures, whose functions have no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      // Doubles in tests and ports with an async signature need not await.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    rules: {
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
    },
  },
  { files: ['**/*.{js,cjs}'], languageOptions: { globals: nodeGlobals() } },
  { files: ['api/web/docs.js'], languageOptions: { globals: { SwaggerUIBundle: 'readonly' } } },
  {
    files: ['api/web/page/**'],
    rules: { 'no-restricted-globals': ['error', ...['process', 'Buffer', 'require', 'global', 'setImmediate'].map((name) => ({ name, message: 'There is no such thing in a browser.' }))] },
  },
  // Those who talk to the person at the keyboard, and processes that a program reads.
  { files: ['cli/**', 'setup/**', 'bench/**', 'test/**', '{api,workers}/serve.ts', 'workers/{main,train}.ts'], rules: { 'no-console': 'off' } },
  // The native libraries take what they are told from the environment alone, so it must be set there.
  { files: ['config/**', 'test/**', 'bench/**', 'adapters/tensorflow/runtime.ts', 'adapters/onnx/no-telemetry.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Assertions in tests are expressions, and doubles are deliberately incomplete.
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: "ImportSpecifier[importKind='type']",
          message: 'Write a separate `import type { X }`: an inline one leaves an empty run-time import behind.',
        },
        {
          selector: "CallExpression[callee.object.name=/^(describe|it|context)$/][callee.property.name='only']",
          message: '.only leaves every other test out.',
        },
      ],
    },
  },
);

function nodeGlobals() {
  const names = ['process', 'console', 'Buffer', 'URL', 'AbortSignal', 'AbortController', 'fetch', 'setTimeout', 'clearTimeout'];
  return Object.fromEntries([...names, 'setInterval', 'clearInterval', 'module', 'require', 'structuredClone'].map((name) => [name, 'readonly']));
}
