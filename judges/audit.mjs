// GraphQL over HTTP: the audits of the graphql-http package. Exit code 1 if a MUST or a SHOULD fails.
import { auditServer } from 'graphql-http';

const url = process.argv[2];
const found = await auditServer({ url, fetchFn: fetch });
const failed = found.filter((audit) => audit.status !== 'ok');
for (const audit of failed) console.log(`${audit.status}  ${audit.id}  ${audit.name}: ${audit.reason}`);
console.log(`graphql-http: ${found.length - failed.length} of ${found.length} audits passed`);
// `notice` is a MAY that we do not take up (queries over GET); `warn` a SHOULD, `error` a MUST.
process.exit(failed.some((audit) => audit.status !== 'notice') ? 1 : 0);
