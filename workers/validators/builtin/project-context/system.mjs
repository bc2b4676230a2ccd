/** The real git and the real folder. */
import { execFile } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const OUTPUT_MAX_BYTES = 4 * 1024 * 1024;
const FILE_MAX_BYTES = 256 * 1024;
const WORDS_MAX_CHARACTERS = 200;

export function systemPorts(cwd) {
  return {
    git: { run: (args, signal) => runGit(args, cwd, signal) },
    folder: { names: () => readdir(cwd), read: (name) => readStart(join(cwd, name)) },
  };
}

/** Asks nobody for a password and reads no settings of the system. */
function runGit(args, cwd, signal) {
  const env = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: process.env.HOME ?? '/',
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
  };
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      args,
      { cwd, env, signal, maxBuffer: OUTPUT_MAX_BYTES, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error((stderr.split('\n')[0] || error.message).slice(0, WORDS_MAX_CHARACTERS)));
      },
    );
  });
}

async function readStart(path) {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FILE_MAX_BYTES), 0, FILE_MAX_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
