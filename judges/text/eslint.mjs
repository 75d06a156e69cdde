import { join, relative } from 'node:path';
import { ESLint } from 'eslint';
import { here, house, report } from '../report.mjs';

const eslint = new ESLint({ cwd: house, overrideConfigFile: join(here, 'text', 'eslint.config.mjs') });
const files = await eslint.lintFiles(['schema/schema.graphql', 'examples/*.graphql']);
const findings = files.flatMap((file) =>
  file.messages.map((m) => `${relative(house, file.filePath)}:${m.line}  ${m.ruleId}  ${m.message}`),
);
report(findings, `${files.length} files`);
