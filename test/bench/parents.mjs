// The two kinds of agent that start hooks. Each answers, for every command, the milliseconds of every measurement: from
// before the first start of a round's `atOnce` hooks until the last has answered and is reaped.
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

/** vfork and exec from a small C program. */
export function measureFromC(parent, commands, { rounds, gapMs, atOnce, env, cwd }) {
  const variants = commands.flatMap((command, i) => (i === 0 ? command : ['--next', ...command]));
  const args = [rounds, gapMs * 1000, atOnce].map(String).concat(variants);
  const result = spawnSync(parent, args, { env, cwd, encoding: 'utf8', maxBuffer: OUTPUT_MAX_BYTES });
  if (result.status !== 0) throw new Error(result.stderr || `the C parent ended by ${result.signal}`);
  const took = commands.map(() => []);
  for (const line of result.stdout.trim().split('\n')) {
    const [variant, microseconds] = line.split(' ');
    took[variant].push(microseconds / 1000);
  }
  return took;
}

/** child_process.spawn, as most agents do. */
export async function measureFromNode(commands, { rounds, gapMs, atOnce, env, cwd }) {
  const took = commands.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < commands.length; turn++) {
      const variant = (round + turn) % commands.length; // nobody is always first
      if (gapMs > 0) await sleep(gapMs);
      const nonces = Array.from({ length: atOnce }, (_, i) => `toolu_${process.pid}_${round}_${variant}_${i}`);
      const startedAtMs = performance.now();
      await Promise.all(nonces.map((nonce) => run(commands[variant], nonce, { env, cwd })));
      took[variant].push(performance.now() - startedAtMs);
    }
  }
  return took;
}

function run([file, ...args], nonce, { env, cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    let answer = '';
    child.stdout.setEncoding('latin1');
    child.stdout.on('data', (text) => {
      answer += text;
    });
    const event = { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command: 'npm test' } };
    child.stdin.end(`${JSON.stringify({ ...event, tool_use_id: nonce })}\n`);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      // A hook that did not run cannot know the nonce.
      if (code === 0 && answer.includes(nonce)) resolve();
      else
        reject(
          new Error(`${file} ${args.join(' ')}: ${signal ?? `exit ${code}`}, answer without its nonce: ${answer}`),
        );
    });
  });
}
