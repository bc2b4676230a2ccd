import type { Validator } from '../api/validator.mjs';

type Judge = Validator & Required<Pick<Validator, 'validate'>>;

export declare function commandSafety(marks: { exists(path: string): boolean; home: string }): Judge;
declare const validator: Judge;
export default validator;
