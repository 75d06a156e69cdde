// gql.tada: the schema as types, every example typed from its text alone, and a program of ours that uses them.
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, print } from 'graphql';
import { complaints, emptyFolder, examples, here, report } from '../report.mjs';

const folder = emptyFolder('tada');
const documents = examples();
const named = (name) => name.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());
const lines = documents.map(({ name, text }) => `export const ${named(name)} = graphql(\`${print(parse(text))}\`);`);
writeFileSync(join(folder, 'examples.ts'), ["import { graphql } from './graphql';", ...lines, ''].join('\n'));
for (const [from, to] of [['tada.graphql.ts', 'graphql.ts'], ['tada.use.ts', 'use.ts'], ['tsconfig.json', 'tsconfig.json']]) {
  copyFileSync(join(here, 'clients', from), join(folder, to));
}
const config = join(folder, 'tsconfig.json');
const generated = complaints('gql.tada', 'generate-output', '--tsconfig', config, '--output', join(folder, 'graphql-env.d.ts'));
const findings = generated.length > 0 ? generated : [
  ...complaints('tsc', '--project', folder),
  ...complaints('gql.tada', 'check', '--fail-on-warn', '--tsconfig', config),
];
report(findings, `${documents.length} inferred documents`);
