// What every judge ends with: its findings, one a line, then what it has looked at. Exit code 1 if it found any.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
export const house = dirname(here);
export const schemaPath = join(house, 'schema', 'schema.graphql');
export const readText = (path) => readFileSync(path, 'utf8');

export function report(findings, lookedAt) {
  for (const finding of findings) console.log(finding.replaceAll('\n', ' '));
  console.log(lookedAt);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

/** Every example as { name, path, text }. */
export function examples() {
  const folder = join(house, 'examples');
  const names = readdirSync(folder).filter((file) => file.endsWith('.graphql'));
  return names.sort().map((file) => {
    const path = join(folder, file);
    return { name: file.replace(/\.graphql$/, ''), path, text: readText(path) };
  });
}

/** An empty folder of a judge's own, below judges/out. */
export function emptyFolder(name) {
  const folder = join(process.env.ZEREN_OUT ?? join(here, 'out'), name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** What a program of node_modules says when it fails: lines, or none. */
export function complaints(program, ...args) {
  const settings = { cwd: here, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } };
  const said = spawnSync(join(here, 'node_modules', '.bin', program), args, settings);
  if (said.status === 0) return [];
  const lines = `${said.stdout}\n${said.stderr}`.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 ? lines : [`${program} ended with ${said.status ?? said.error}`];
}
