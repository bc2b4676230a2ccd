/** The module of a validator: its default export, or the module itself, has `validate` or `validateBatch` or both. */
import { pathToFileURL } from 'node:url';
import { words } from './words.mjs';

/** @throws Error whose message is for the author. */
export async function loadValidator(entry) {
  let module;
  try {
    module = await import(pathToFileURL(entry).href);
  } catch (error) {
    throw new Error(`${entry} cannot be loaded: ${words(error)}`);
  }
  const exported = module.default ?? module;
  const has = (name) => typeof exported?.[name] === 'function';
  const isBatch = has('validateBatch');
  if (!isBatch && !has('validate')) throw new Error(`${entry} is no validator: it exports no function validate`);
  return {
    isBatch,
    one: has('validate') ? (event, context) => exported.validate(event, context) : undefined,
    many: isBatch ? (events, context) => exported.validateBatch(events, context) : undefined,
  };
}
