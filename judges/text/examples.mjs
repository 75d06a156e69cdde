// graphql-inspector: every example against the schema; a deprecated field counts as a finding.
import { validate } from '@graphql-inspector/core';
import { buildSchema, Source } from 'graphql';
import { examples, readText, report, schemaPath } from '../report.mjs';

const sources = examples().map(({ name, text }) => new Source(text, name));
const invalid = validate(buildSchema(readText(schemaPath)), sources, { strictDeprecated: true });
const findings = invalid.flatMap(({ source, errors, deprecated }) =>
  [...errors, ...deprecated].map((error) => `${source.name}  ${error.message}`),
);
report(findings, `${sources.length} examples`);
