/** A plain question, for people at a terminal. */
import { createInterface } from 'node:readline/promises';

/** Undefined where nobody can be asked. */
export type Confirm = (question: string) => Promise<boolean> | undefined;

export const confirmAtTerminal: Confirm = (question) => {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) return undefined;
  return ask(question);
};

async function ask(question: string): Promise<boolean> {
  // On stderr: what install prints may be redirected.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
