/** What the configuration needs of zod. The build makes one file of this and of the code behind it: from its own many files, which
 *  bring the words of all languages along, zod takes longer to load than most verbs take for all else. */
export type { infer, ZodType } from 'zod';
export { array, boolean, enum, int, json, record, strictObject, string, toJSONSchema, union } from 'zod';
