import type { Validator } from '../api/validator.mjs';

type Judge = Validator & Required<Pick<Validator, 'validate'>>;

/** Undefined: nothing is there; throws where it cannot be known. */
export interface FilePort {
  realpath(path: string): Promise<string | undefined>;
}

export declare function pathPolicy(files: FilePort): Judge;
declare const validator: Judge;
export default validator;
