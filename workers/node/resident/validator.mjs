/** The module of a validator: its default export, or the module itself, has `validate` or `validateBatch` or both. */
import { pathToFileURL } from 'node:url';
import { words } from './words.mjs';

/** @param name one of several in this process, which have each its own, also where two have the same entry.
 *  @throws Error whose message is for the author. */
export async function loadValidator(entry, name = '') {
  let module;
  try {
    const { href } = pathToFileURL(entry);
    module = await import(name === '' ? href : `${href}?${name}`);
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
