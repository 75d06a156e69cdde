// graphql-inspector: what the schema has changed since the last release, as the clients of that release see it.
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { join } from 'node:path';
import { house, readText, report, schemaPath } from '../report.mjs';
import { ACCEPTED } from './accepted.mjs';

const released = buildSchema(readText(join(house, 'schema', 'released.graphql')));
const changes = await diff(released, buildSchema(readText(schemaPath)));
const breaking = changes.filter((change) => change.criticality.level === CriticalityLevel.Breaking);
const findings = breaking.filter((change) => !(change.path in ACCEPTED));
const needless = Object.keys(ACCEPTED).filter((path) => !breaking.some((change) => change.path === path));
report(
  [
    ...findings.map((change) => `${change.path}  ${change.message}`),
    ...needless.map((path) => `${path}  is accepted, but nothing there is broken`),
  ],
  `${changes.length} changes since the last release`,
);
