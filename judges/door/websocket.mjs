// graphql-transport-ws: what the graphql-ws client gets, and what the protocol says word by word.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { report } from '../report.mjs';
import * as demo from './demonstration.mjs';

const PROTOCOL = 'graphql-transport-ws';
const applicant = await demo.authorization('hn-team-member');
const signer = await demo.authorization('hn-township-secretary');

const clientOf = (connectionParams) =>
  createClient({ url: demo.socketUrl, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });

/** Does something with a client of graphql-ws, and hangs up. */
async function asClient(authorization, does) {
  const client = clientOf(authorization ? { authorization } : undefined);
  try {
    return await does((query, variables) => demo.first(client.iterate({ query, variables })), client);
  } finally {
    await client.dispose();
  }
}

const dialled = (options = {}, protocol = PROTOCOL) => new WebSocket(demo.socketUrl, protocol, options);

/** A connection on which messages are said as they are written. */
async function raw(...messages) {
  const socket = dialled();
  await once(socket, 'open');
  messages.forEach((message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)));
  return socket;
}

async function closedWith(code, ...messages) {
  const [found] = await once(await raw(...messages), 'close');
  assert.equal(found, code);
}

async function refusedWith(status, socket) {
  const found = await new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('open', () => resolve('open'));
  });
  socket.on('error', () => {});
  socket.terminate();
  assert.equal(found, status);
}

const init = { type: 'connection_init', payload: { authorization: applicant } };
const subscribe = { id: 'a', type: 'subscribe', payload: { query: demo.WATCH } };

async function changeIsWatched(ask) {
  const watched = clientOf({ authorization: signer });
  try {
    const counts = watched.iterate({ query: demo.WATCH });
    const before = (await counts.next()).value.data.workQueueChanged.waitingCount;
    const { data } = await ask(demo.ASK_FOR_LEAVE, { day: '2018-07-02' });
    assert.equal((await counts.next()).value.data.workQueueChanged.waitingCount, before + 1);
    await ask(demo.WITHDRAW, { id: data.leaveSubmit.leave.request.id });
    assert.equal((await counts.next()).value.data.workQueueChanged.waitingCount, before);
    await counts.return();
  } finally {
    await watched.dispose();
  }
}

async function commandIsSeen(ask) {
  const list = '{ leaves { totalCount } }';
  const before = (await ask(list)).data.leaves.totalCount;
  const { data } = await ask(demo.ASK_FOR_LEAVE, { day: '2018-07-09' });
  assert.deepEqual(data.leaveSubmit.userErrors, []);
  assert.equal((await ask(list)).data.leaves.totalCount, before + 1);
  await ask(demo.WITHDRAW, { id: data.leaveSubmit.leave.request.id });
}

const CHECKS = [
  ['a query is answered', () => asClient(applicant, async (ask) => {
    assert.equal((await ask(demo.WHO_AM_I)).data.viewer.name, '演示驻村工作队员');
  })],
  ['a mutation and what follows on the same connection see each other', () => asClient(applicant, commandIsSeen)],
  ['a subscription hears what stands, then what changes, and can be left', () => asClient(applicant, changeIsWatched)],
  ['without a sign-in there is no viewer', () => asClient(null, async (ask) => {
    assert.equal((await ask(demo.WHO_AM_I)).errors[0].extensions.code, 'UNAUTHENTICATED');
  })],
  ['without a sign-in nothing can be watched', () => asClient(null, async (ask) => {
    await assert.rejects(ask(demo.WATCH), (errors) => errors[0].extensions.code === 'UNAUTHENTICATED');
  })],
  ['an invalid document is an error of its operation', () => asClient(applicant, async (ask) => {
    await assert.rejects(ask('{ nothing }'), (errors) => errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED');
    assert.ok((await ask(demo.WHO_AM_I)).data.viewer);
  })],
  ['a token that is none: 4403', () => closedWith(4403, { ...init, payload: { authorization: 'Bearer none' } })],
  ['an operation before connection_init: 4401', () => closedWith(4401, subscribe)],
  ['a second connection_init: 4429', () => closedWith(4429, init, init)],
  ['an id in use: 4409', () => closedWith(4409, init, subscribe, subscribe)],
  ['a message of no type: 4400', () => closedWith(4400, init, { type: 'start', id: 'a' })],
  ['a frame that is no JSON: 4400', () => closedWith(4400, init, 'no JSON')],
  ['no connection_init in time: 4408', () => closedWith(4408)],
  ['a ping is answered by a pong', async () => {
    const socket = await raw({ type: 'ping' });
    const [heard] = await once(socket, 'message');
    socket.close();
    assert.equal(JSON.parse(heard).type, 'pong');
  }],
  ['the older protocol is not spoken', async () => {
    const socket = dialled({}, 'graphql-ws');
    const outcome = new Promise((resolve) => ['open', 'error'].forEach((name) => socket.on(name, () => resolve(name))));
    assert.equal(await outcome, 'error');
  }],
  ['a page of another site may not dial: 403', () => refusedWith(403, dialled({ origin: 'https://elsewhere.example' }))],
  ['a page of our own may', async () => {
    const socket = dialled({ origin: new URL(demo.httpUrl).origin });
    await once(socket, 'open');
    socket.close();
  }],
];

report(await demo.failing(CHECKS), `${CHECKS.length} checks`);
