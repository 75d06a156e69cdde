// GraphQL Code Generator, client preset: typed documents for every example, and a program of ours that uses them.
import { generate } from '@graphql-codegen/cli';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaints, emptyFolder, examples, here, readText, report, schemaPath } from '../report.mjs';

const folder = emptyFolder('codegen');
const documents = examples();
await generate(
  {
    schema: schemaPath,
    documents: documents.map(({ path }) => path),
    silent: true,
    generates: {
      [`${join(folder, 'gql')}/`]: {
        preset: 'client',
        presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
        config: {
          strictScalars: true,
          useTypeImports: true,
          scalars: { Date: 'string', DateTime: 'string', Decimal: 'string', JSON: 'unknown' },
        },
      },
    },
  },
  true,
);
copyFileSync(join(here, 'clients', 'codegen.use.ts'), join(folder, 'use.ts'));
copyFileSync(join(here, 'clients', 'tsconfig.json'), join(folder, 'tsconfig.json'));
const persisted = Object.keys(JSON.parse(readText(join(folder, 'gql', 'persisted-documents.json'))));
const findings = complaints('tsc', '--project', folder);
if (persisted.length !== documents.length) findings.push(`${persisted.length} documents of ${documents.length}`);
report(findings, `${documents.length} typed documents`);
