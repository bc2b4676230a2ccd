import type { Validator } from '../api/validator.mjs';
import type { History } from './drift/history.mjs';

type Judge = Validator & Required<Pick<Validator, 'validate'>>;

export declare function drift(history: History): Judge;
declare const validator: Judge;
export default validator;
