// GraphQL over HTTP: the audits of the graphql-http package. A MAY counts like a MUST.
import { auditServer } from 'graphql-http';
import { report } from '../report.mjs';

const audits = await auditServer({ url: process.env.ZEREN_URL, fetchFn: fetch });
const failed = audits.filter((audit) => audit.status !== 'ok');
report(
  failed.map((audit) => `${audit.status}  ${audit.id}  ${audit.name}: ${audit.reason}`),
  `${audits.length} audits`,
);
