// GraphiQL in Chromium, by hand: sign in through the editor, put the token among the headers, ask who one is.
// Any request that leaves our server, any error of the page is a finding. The last page is kept as a picture.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { report } from '../report.mjs';

const { ZEREN_URL: url, ZEREN_CHROMIUM, ZEREN_OUT, ZEREN_PASSWORD } = process.env;
const PATIENCE_MS = 20_000;
const WHO_AM_I = `query WhoAmI {
  viewer {
    name
    day
    place { name profile { title } }
    posts { role { label } division { name } }
    permissions
  }
}`;
const findings = [];
const requests = [];

const browser = await chromium.launch({ executablePath: ZEREN_CHROMIUM, args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
try {
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url().replace('ws:', 'http:')));
  page.on('pageerror', (error) => findings.push(`the page failed: ${error.message}`));
  page.on('console', (said) => said.type() === 'error' && findings.push(`the console says: ${said.text()}`));
  page.on('requestfailed', (request) => findings.push(`failed: ${request.url()}`));
  await page.goto(url);

  const signedIn = await ask(page, `mutation {
    sessionOpen(login: "hn-first-secretary", password: "${ZEREN_PASSWORD}") { session { accessToken } }
  }`);
  const token = /"accessToken": "([^"]+)"/.exec(signedIn)?.[1];
  if (token === undefined) findings.push(`nobody is signed in: ${signedIn}`);

  await page.getByRole('button', { name: 'Headers' }).click();
  await write(page, '.graphiql-editor-tool .graphiql-editor:not(.hidden)', `{"Authorization": "Bearer ${token}"}`);
  const answer = await ask(page, WHO_AM_I);
  if (!answer.includes('演示第一书记')) findings.push(`the viewer is not named: ${answer}`);
} catch (error) {
  findings.push(`it came to a stop: ${error.message}`);
} finally {
  await page.screenshot({ path: join(ZEREN_OUT, 'graphiql.png') });
  await browser.close();
}

const origin = new URL(url).origin;
const outside = requests.filter((sent) => !sent.startsWith(`${origin}/`) && !sent.startsWith('data:'));
report(
  [...findings, ...outside.map((sent) => `a request to the outside: ${sent}`)],
  `${requests.length} requests, ${outside.length} to the outside`,
);

/** Writes a document into the editor, runs it, and returns what GraphiQL shows for it. */
async function ask(page, document) {
  await write(page, '.graphiql-query-editor', document);
  const answered = page.waitForResponse((response) => response.request().method() === 'POST' && !isIntrospection(response));
  // A menu of operations until GraphiQL has read what was written over its own three.
  await page.locator('.graphiql-execute-button:not([aria-haspopup])').click();
  await answered;
  await page.locator('.graphiql-spinner').waitFor({ state: 'detached' });
  return page.evaluate(() => document.querySelector('.result-window .CodeMirror').CodeMirror.getValue());
}

async function write(page, editor, text) {
  await page.locator(`${editor} .CodeMirror`).first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

function isIntrospection(response) {
  return response.request().postData()?.includes('__schema') ?? false;
}
