/** Texts and scripts that ask for what a hook of ours would not find as it is: its agent's terminal, or who started it. */

/** As shells, Python, Node, Ruby, Perl, Go, Rust and C have it. */
const STARTER = /\$\{?PPID\b|\bgetppid\b|\bprocess\.ppid\b|\bProcess\.ppid\b|\bparent_id\(\)/;

/** Undefined: it asks for nothing of the kind. */
export function askedFor(text: string): string | undefined {
  if (text.includes('/dev/tty')) return 'it asks for the terminal';
  return STARTER.test(text) ? 'it asks who started it, which is ours then' : undefined;
}
