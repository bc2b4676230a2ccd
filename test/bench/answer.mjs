// What a program answers that is started as agents start hooks: a session of its own, its event by stdin.
import { spawn } from 'node:child_process';

export function answerOf([file, ...args], event, { env, cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    let answer = '';
    child.stdout.setEncoding('latin1').on('data', (text) => {
      answer += text;
    });
    child.on('error', reject);
    child.on('close', () => resolve(answer));
    child.stdin.end(event);
  });
}
