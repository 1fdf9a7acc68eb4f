import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { layers } from './eslint.layers.mjs';

/** Like `no-empty` for `.catch(() => undefined)`: it passes only with a comment that says why. */
const noSilentCatch = {
  meta: { type: 'problem', schema: [], messages: { silent: 'This swallows an error: handle it, log it, let it through, or say in a comment on this line why nobody needs to hear of it.' } },
  create: ({ sourceCode, report }) => ({
    'CallExpression[callee.property.name="catch"] > ArrowFunctionExpression': (node) => {
      const { body } = node;
      const returnsNothing = body.type === 'BlockStatement' ? body.body.length === 0 : body.name === 'undefined' || body.raw === 'null';
      const explained = sourceCode.getAllComments().some(({ loc }) => loc.start.line >= node.loc.start.line && loc.start.line <= node.loc.end.line);
      if (returnsNothing && !explained) report({ node, messageId: 'silent' });
    },
  }),
};
const cockpit = { rules: { 'no-silent-catch': noSilentCatch, layers } };

const asset = { selector: 'NewExpression[callee.name="URL"][arguments.1.type="MemberExpression"][arguments.1.object.type="MetaProperty"] > Literal:not([value=/^\\.\\u002f[^\\u002f]+$/])', message: "Assets lie flat beside the bundle: only new URL('./NAME', import.meta.url) works there." };
const topLevelAwait = { selector: 'Program > :matches(ExpressionStatement, VariableDeclaration, ExportNamedDeclaration) AwaitExpression:not(:function *)', message: 'The bundles are CommonJS, which has no top-level await.' };
const sleep = 'Tests wait for conditions (test/support/until.ts), never for time.';

/** Of ESLint's own rules, those that a compiler does not cover. */
const coreRules = {
  eqeqeq: 'error',
  'max-lines': ['error', { max: 400 }],
  'no-cond-assign': 'error',
  'no-control-regex': 'error',
  'no-empty': 'error',
  'no-unsafe-finally': 'error',
  'no-useless-escape': 'error',
};

export default defineConfig(
  globalIgnores(['dist/', 'node_modules/', 'test-results/', '.cockpit-demo/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    plugins: { cockpit },
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-empty-function': 'error',
      ...coreRules,
      'cockpit/no-silent-catch': 'error',
      // erasableSyntaxOnly forbids enums, so these would only cost time
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // Relaxed, because they only make noise here:
      // numbers in templates print as one expects
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => emitter.fire(x)` is the usual form of a listener
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `for (;;)` and `while (true)` are meant
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      // a leading underscore says that a parameter is there for its place
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // an async method of an interface may have nothing to wait for in one implementation
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['src/**/*.ts'], rules: { 'cockpit/layers': 'error', 'no-restricted-syntax': ['error', asset, topLevelAwait] } },
  {
    files: ['test/{unit,component,extension}/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...['setTimeout', 'setInterval'].map((name) => ({ name, message: sleep }))],
      'no-restricted-imports': ['error', {
        paths: ['node:timers/promises', 'node:timers', 'timers/promises', 'timers'].map((name) => ({ name, message: sleep })),
        patterns: [{ group: ['**/base/clock.ts'], importNames: ['delay'], message: sleep }],
      }],
    },
  },
  { files: ['**/*.mjs'], rules: { ...coreRules, 'no-unused-vars': 'error' } },
);
