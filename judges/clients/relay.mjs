// The Relay compiler: every example, and a list read by the page with @connection and @refetchable.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, print, visit } from 'graphql';
import { complaints, emptyFolder, examples, here, report, schemaPath } from '../report.mjs';

const folder = emptyFolder('relay');
const source = join(folder, 'src');
mkdirSync(source);

/** Relay wants an operation named after its module and its kind: WhoAmIQuery in WhoAmI.ts. */
function module_({ text }) {
  let name;
  const document = visit(parse(text), {
    OperationDefinition(node) {
      name = node.name.value;
      const kind = node.operation[0].toUpperCase() + node.operation.slice(1);
      return { ...node, name: { ...node.name, value: `${name}${kind}` } };
    },
  });
  const written = `import { graphql } from 'relay-runtime';\n\nexport default graphql\`${print(document)}\`;\n`;
  writeFileSync(join(source, `${name}.ts`), written);
}

const documents = examples();
documents.forEach(module_);
copyFileSync(join(here, 'clients', 'relay.use.ts'), join(source, 'PagedLeaves.ts'));
copyFileSync(join(here, 'clients', 'tsconfig.json'), join(folder, 'tsconfig.json'));
const config = {
  src: source,
  schema: schemaPath,
  language: 'typescript',
  eagerEsModules: true,
  customScalarTypes: { Date: 'string', DateTime: 'string', Decimal: 'string', JSON: 'unknown' },
};
writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
const compiled = complaints('relay-compiler', join(folder, 'relay.config.json'));
report(compiled.length > 0 ? compiled : complaints('tsc', '--project', folder), `${documents.length + 1} modules`);
