// What the judges of the door ask as, and about: people of the demonstration.
const { ZEREN_URL, ZEREN_PASSWORD } = process.env;
const PATIENCE_MS = 10_000;

export const httpUrl = ZEREN_URL;
export const socketUrl = ZEREN_URL.replace(/^http/, 'ws');

export const WHO_AM_I = '{ viewer { name unreadCount } }';
export const WATCH = 'subscription { workQueueChanged { waitingCount } }';
export const ASK_FOR_LEAVE = `mutation ($day: Date!) {
  leaveSubmit(input: { beginsOn: $day, endsOn: $day }) { leave { request { id } } userErrors { code } }
}`;
export const WITHDRAW = 'mutation ($id: ID!) { requestWithdraw(id: $id) { request { state } userErrors { code } } }';
const SIGN_IN = `mutation ($login: String!, $password: String!) {
  sessionOpen(login: $login, password: $password) { session { accessToken } }
}`;

/** What a header or a connection_init says for a person. */
export async function authorization(login) {
  const answer = await fetch(httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: SIGN_IN, variables: { login, password: ZEREN_PASSWORD } }),
  });
  const { data } = await answer.json();
  return `Bearer ${data.sessionOpen.session.accessToken}`;
}

/** Runs checks, each a name and what throws where it fails; the findings. */
export async function failing(checks) {
  const findings = [];
  for (const [name, check] of checks) {
    try {
      await within(check(), PATIENCE_MS);
    } catch (error) {
      findings.push(`${name}: ${error?.message ?? JSON.stringify(error)}`);
    }
  }
  return findings;
}

async function within(promise, milliseconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export async function first(results) {
  for await (const result of results) return result;
  throw new Error('it ended without an answer');
}
