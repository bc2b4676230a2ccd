/** Settings files of ours, modelled on real ones, as bytes in latin1. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../tidy/files.js';

const FOLDER = join(ROOT, 'test/fixtures/settings');

export interface CorpusFile {
  /** `claude/05-comments` */
  name: string;
  agent: string;
  text: string;
}

export const CORPUS: readonly CorpusFile[] = readdirSync(FOLDER).flatMap((agent) =>
  readdirSync(join(FOLDER, agent)).map((file) => ({
    name: `${agent}/${file.replace('.json', '')}`,
    agent,
    text: readFileSync(join(FOLDER, agent, file), 'latin1'),
  })),
);

/** Each of its hooks says its number. */
export const BIG: CorpusFile = {
  name: 'claude/of 1 MB',
  agent: 'claude',
  text: `{"hooks":{"Stop":[{"hooks":[${bigHooks().join(',\n')}]}]}}`,
};

function bigHooks(): string[] {
  const padding = 'x'.repeat(52_000);
  return Array.from({ length: 20 }, (_, at) => `{ "type": "command", "command": "echo ${at} # ${padding}" }`);
}

export function corpusText(name: string): string {
  const found = CORPUS.find((file) => file.name === name);
  if (found === undefined) throw new Error(`no ${name} among the settings files`);
  return found.text;
}
