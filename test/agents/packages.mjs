// The agents of the lane, each as one version of its npm package: what is known of their hooks was seen in these.
import { fetchedFile, keptFile } from '../lib/npm-package.mjs';

const CODEX = {
  x64: {
    triple: 'x86_64-unknown-linux-musl',
    integrity: 'sha512-o05NyAOCDygSPRo1yinzxvkRSdmsZyBD9E7mbpmjRanSfM8lypqWtQgEo4XfNkwhuCR2aFu8mlGOsQGFXVbVww==',
  },
  arm64: {
    triple: 'aarch64-unknown-linux-musl',
    integrity: 'sha512-NZ/DaQUpcQmxmqee7Z9uC1rzw3GhSbooawcaTe1LN5Yk+WlinUKGdTXJgClRT/9ogQEEM9TWxYzvxPfj5G/xFg==',
  },
}[process.arch];

const PACKAGES = {
  gemini: {
    name: '@google/gemini-cli@0.61.0',
    kept: 'agents/gemini-0.61.0',
    file: 'bundle/gemini.js',
    parts: ['bundle', 'package.json'],
    integrity: 'sha512-dbQ9A0qBtFJNi6XBkHvfZ6Azpn6PNgH/P8h2MZ67RLlX8hSAVjup39CRWqdRxZv7YXIuhrFaytr8y0jKnkoxnQ==',
  },
  codex: CODEX && {
    name: `@openai/codex@0.169.0-linux-${process.arch}`,
    kept: 'agents/codex-0.169.0',
    file: `vendor/${CODEX.triple}/bin/codex`,
    parts: [`vendor/${CODEX.triple}/bin/codex`],
    integrity: CODEX.integrity,
  },
};

/** Of each agent its `file`, or the `reason` why there is none. @param mayFetch packages that are not there yet. */
export function agentFiles(mayFetch) {
  return Object.fromEntries(Object.keys(PACKAGES).map((agent) => [agent, agentFile(PACKAGES[agent], mayFetch)]));
}

function agentFile(wanted, mayFetch) {
  if (wanted === undefined) return { reason: `not made for ${process.arch}` };
  try {
    const file = mayFetch ? fetchedFile(wanted) : keptFile(wanted.kept, wanted.file);
    return file === undefined
      ? { reason: `${wanted.name} is not here: node test/run.mjs agents fetches it` }
      : { file };
  } catch (error) {
    return { reason: `cannot be fetched: ${error.message}` };
  }
}
