// graphql-schema-linter with every rule it has, but for one.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { here, report, schemaPath } from '../report.mjs';

const OFF = new Set([
  // Most begin in Chinese, which knows no capitals; a colon's second half may begin small.
  'descriptions-are-capitalized',
]);
const package_ = join(here, 'node_modules', 'graphql-schema-linter');
const named = readdirSync(join(package_, 'lib', 'rules')).map((file) => file.replace('.js', '').replaceAll('_', '-'));
const rules = named.filter((rule) => !OFF.has(rule));
const program = join(here, 'node_modules', '.bin', 'graphql-schema-linter');
const said = spawnSync(program, ['--format', 'json', '--rules', rules.join(','), schemaPath], { encoding: 'utf8' });
const { errors } = JSON.parse(said.stdout);
report(errors.map((e) => `${e.location.line}  ${e.rule}  ${e.message}`), `${rules.length} rules`);
