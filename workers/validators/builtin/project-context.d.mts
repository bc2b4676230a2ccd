import type { Validator } from '../api/validator.mjs';

type Judge = Validator & Required<Pick<Validator, 'validate'>>;

export interface ProjectPorts {
  git: { run(args: string[], signal: AbortSignal): Promise<string> };
  folder: { names(): Promise<string[]>; read(name: string): Promise<string> };
}

export declare function projectContext(portsFor: (cwd: string) => ProjectPorts): Judge;
declare const validator: Judge;
export default validator;
