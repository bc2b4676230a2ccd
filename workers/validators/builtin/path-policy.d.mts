import type { Validator } from '../api/validator.mjs';

type Judge = Validator & Required<Pick<Validator, 'validate'>>;

export interface FilePort {
  exists(path: string): boolean;
  home: string;
  /** Undefined: nothing is there; throws where it cannot be known. */
  realpath(path: string): Promise<string | undefined>;
}

export declare function pathPolicy(files: FilePort): Judge;
declare const validator: Judge;
export default validator;
