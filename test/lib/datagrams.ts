/** What a service manager would hear: datagrams to an address of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait.js';

const PROGRAM = fileURLToPath(new URL('../fixtures/datagrams.py', import.meta.url));

export class Datagrams {
  readonly heard: string[] = [];
  readonly #receiver: ChildProcess;

  private constructor(readonly address: string) {
    this.#receiver = spawn('python3', ['-B', PROGRAM, address], { stdio: ['ignore', 'pipe', 'inherit'] });
    let rest = '';
    this.#receiver.stdout?.on('data', (data) => {
      const lines = `${rest}${data}`.split('\n');
      rest = lines.pop() ?? '';
      this.heard.push(...lines.map((line) => JSON.parse(line) as string));
    });
  }

  /** @param address a path, or `@NAME`. */
  static async at(address: string): Promise<Datagrams> {
    const datagrams = new Datagrams(address);
    await datagrams.hears(/^bound$/);
    return datagrams;
  }

  /** The next one that fits; it and all before it are forgotten. */
  hears(pattern: RegExp): Promise<string> {
    return waitFor(`a datagram like ${pattern}`, () => {
      const index = this.heard.findIndex((text) => pattern.test(text));
      return index < 0 ? undefined : this.heard.splice(0, index + 1).at(-1);
    });
  }

  /** Takes no more. */
  stop(): void {
    this.#receiver.kill('SIGSTOP');
  }

  close(): void {
    this.#receiver.kill('SIGKILL');
  }
}
