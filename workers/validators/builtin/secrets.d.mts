import type { Validator } from '../api/validator.mjs';

declare const validator: Validator & Required<Pick<Validator, 'validate'>>;
export default validator;
