/** `supervisor completion SHELL`: one script for both programs, printed once and kept by the user. */
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import type { ProgramWords } from './words.js';
import { zshCompletion } from './zsh.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const COMPLETION_SCRIPTS: Record<(typeof SHELLS)[number], (programs: readonly ProgramWords[]) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Printed to a file, not run by each new shell: that would start Node each time. */
export const HOW_TO_INSTALL = `
Install, once, and again after an update:
  bash
    supervisor completion bash > ~/.supervisor-completion
    echo '. ~/.supervisor-completion' >> ~/.bashrc
  zsh
    mkdir -p ~/.zfunc
    supervisor completion zsh > ~/.zfunc/_supervisor
    and in ~/.zshrc, before compinit:
    fpath=(~/.zfunc $fpath)
  fish
    supervisor completion fish \\
      > ~/.config/fish/conf.d/supervisor.fish
`;
