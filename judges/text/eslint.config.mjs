// All rules of @graphql-eslint for schemas and operations. What is set otherwise has its reason beside it.
import graphql from '@graphql-eslint/eslint-plugin';
import { join } from 'node:path';
import { buildSchema, isObjectType } from 'graphql';
import { house, readText, schemaPath } from '../report.mjs';

const rulesOf = (name) => graphql.configs[name].rules;
const types = Object.values(buildSchema(readText(schemaPath)).getTypeMap());
// What has no `id` is a part of an answer: never fetched, kept or sent back by itself.
const parts = types.filter((type) => isObjectType(type) && !('id' in type.getFields()));

const schemaRules = {
  ...rulesOf('flat/schema-recommended'),
  ...rulesOf('flat/schema-all'),
  ...rulesOf('flat/schema-relay'),
  '@graphql-eslint/strict-id-in-types': ['error', {
    exceptions: {
      // Its `id` names a document, not this summary of it; deprecated for `profile`.
      types: ['ProfileSummary', ...parts.map(({ name }) => name)],
    },
  }],
  // It sorts by locale, where `_` and capitals count for little; schema-linter asks the same by code points.
  '@graphql-eslint/alphabetize': 'off',
  // GraphQL's own @deprecated has no date; the reason names it.
  '@graphql-eslint/require-deprecation-date': 'off',
  // `recordedAt` is said of everything that is kept, and so of a Record.
  '@graphql-eslint/no-typename-prefix': 'off',
  // Lists that cannot grow (a request's steps, a step's holders) are lists, not pages. A line of the law belongs
  // to its version and is no node of its own; tests/schema/test_nodes.py names those and holds the rest to it.
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
  // Pages go forward only: a keyset read backwards would need a second index for a list nobody walks that way.
  '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
  // The object and what is done to it are arguments apart: `id`, then `input`.
  '@graphql-eslint/input-name': 'off',
  // Mutations are how zeren is used.
  '@graphql-eslint/no-root-type': 'off',
  // One operation is one transaction: what fails in one root field fails the whole, so null would say nothing.
  '@graphql-eslint/require-nullable-result-in-root': 'off',
  // A mutation document has one root field, and its payload brings the changed object.
  '@graphql-eslint/require-field-of-type-query-in-mutation-result': 'off',
};

const exampleRules = {
  ...rulesOf('flat/operations-recommended'),
  ...rulesOf('flat/operations-all'),
  // An example is read from the top: what matters first.
  '@graphql-eslint/alphabetize': 'off',
};

const languageOptions = {
  parser: graphql.parser,
  // The plugin reads this once, whatever the file: both kinds need both.
  parserOptions: { graphQLConfig: { schema: schemaPath, documents: join(house, 'examples', '*.graphql') } },
};
const plugins = { '@graphql-eslint': graphql };

export default [
  { files: ['schema/schema.graphql'], languageOptions, plugins, rules: schemaRules },
  { files: ['examples/*.graphql'], languageOptions, plugins, rules: exampleRules },
  {
    // It wants the deprecated `id` of ProfileSummary.
    files: ['compare-documents', 'places-below', 'the-law-here', 'this-place'].map((name) => `examples/${name}.graphql`),
    rules: { '@graphql-eslint/require-selections': 'off' },
  },
];
