// GraphQL over server-sent events: what the graphql-sse client gets, in its mode of distinct connections.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { report } from '../report.mjs';
import * as demo from './demonstration.mjs';

const applicant = await demo.authorization('hn-team-member');
const signer = await demo.authorization('hn-township-secretary');

/** Does something with a client of graphql-sse, and hangs up. */
async function asClient(authorization, does) {
  const headers = authorization ? { authorization } : {};
  const client = createClient({ url: demo.httpUrl, headers, retryAttempts: 0 });
  try {
    return await does((query, variables) => demo.first(client.iterate({ query, variables })), client);
  } finally {
    client.dispose();
  }
}

/** What a plain client is answered that wants a stream of events. */
const posted = (body, headers = {}) =>
  fetch(demo.httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify(body),
  });

async function changeIsWatched(ask) {
  await asClient(signer, async (_, client) => {
    const counts = client.iterate({ query: demo.WATCH });
    const before = (await counts.next()).value.data.workQueueChanged.waitingCount;
    const { data } = await ask(demo.ASK_FOR_LEAVE, { day: '2018-07-16' });
    assert.equal((await counts.next()).value.data.workQueueChanged.waitingCount, before + 1);
    await ask(demo.WITHDRAW, { id: data.leaveSubmit.leave.request.id });
    assert.equal((await counts.next()).value.data.workQueueChanged.waitingCount, before);
    await counts.return();
  });
}

const CHECKS = [
  ['a query is answered', () => asClient(applicant, async (ask) => {
    assert.equal((await ask(demo.WHO_AM_I)).data.viewer.name, '演示驻村工作队员');
  })],
  ['a mutation is carried out, and the next query sees it', () => asClient(applicant, async (ask) => {
    const list = '{ leaves { totalCount } }';
    const before = (await ask(list)).data.leaves.totalCount;
    const { data } = await ask(demo.ASK_FOR_LEAVE, { day: '2018-07-23' });
    assert.equal((await ask(list)).data.leaves.totalCount, before + 1);
    await ask(demo.WITHDRAW, { id: data.leaveSubmit.leave.request.id });
  })],
  ['a subscription hears what stands, then what changes, and can be left', () => asClient(applicant, changeIsWatched)],
  ['without a sign-in there is no viewer', () => asClient(null, async (ask) => {
    assert.equal((await ask(demo.WHO_AM_I)).errors[0].extensions.code, 'UNAUTHENTICATED');
  })],
  ['an invalid document is refused', () => asClient(applicant, async (ask) => {
    const { errors } = await ask('{ nothing }');
    assert.equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  })],
  ['an answer is an event `next`, then `complete`', async () => {
    const answer = await posted({ query: '{ __typename }' });
    assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
    const text = (await answer.text()).replaceAll('\r\n', '\n');
    assert.match(text, /^event: ?next\ndata: ?\{.*"__typename":"Query".*\}\n\nevent: ?complete\n/);
  }],
];

report(await demo.failing(CHECKS), `${CHECKS.length} checks`);
