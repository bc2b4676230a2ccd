/** What authors of validators use; types and words are in validator.d.mts. A validator is any module whose default export has
 *  `validate` or `validateBatch`: this one checks the export when it is loaded, and shortens what is said often. */

const KEYS = ['name', 'validate', 'validateBatch'];

export function defineValidator(definition) {
  const problem = problemOf(definition);
  if (problem !== undefined) throw new TypeError(`defineValidator: ${problem}`);
  const { name, validate, validateBatch } = definition;
  return Object.freeze({
    ...(name !== undefined && { name }),
    ...(validate !== undefined && { validate: (event, context) => validate(event, authorsContext(context)) }),
    ...(validateBatch !== undefined && {
      validateBatch: (events, context) => validateBatch(events, authorsContext(context)),
    }),
  });
}

function problemOf(definition) {
  if (typeof definition !== 'object' || definition === null) return 'wants an object';
  const unknown = Object.keys(definition).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) return `no key ${unknown.join(', ')}: there are ${KEYS.join(', ')}`;
  const { name, validate, validateBatch } = definition;
  if (name !== undefined && typeof name !== 'string') return 'name is no string';
  if (validate !== undefined && typeof validate !== 'function') return 'validate is no function';
  if (validateBatch !== undefined && typeof validateBatch !== 'function') return 'validateBatch is no function';
  return validate === undefined && validateBatch === undefined ? 'validate is missing' : undefined;
}

/** What the worker gives, and what is better made here. Not a copy: `signal` is made when it is first asked for. */
function authorsContext(context) {
  const add = (value) => ({ value, enumerable: true });
  return Object.create(context, {
    projectFolder: add(context.projectFolder ?? ''),
    session: add(context.session ?? { events: 0, decisions: [] }),
    deadlineAtMs: add(performance.now() + (context.timeLeftMs ?? Number.POSITIVE_INFINITY)),
    log: add((text) => process.stderr.write(`${context.name}: ${text}\n`)),
  });
}

export function allow(reason) {
  return reason === undefined ? { decision: 'allow' } : { decision: 'allow', reason };
}

export function deny(reason) {
  return { decision: 'deny', reason };
}

export function ask(reason) {
  return { decision: 'ask', reason };
}

export function defer(reason) {
  return reason === undefined ? { decision: 'defer' } : { decision: 'defer', reason };
}

export function nothing() {
  return {};
}

/** No decision, but something the model should know. */
export function inform(context) {
  return { context };
}

export function rewrite(updatedInput, reason) {
  return reason === undefined ? { updatedInput } : { updatedInput, reason };
}

/** Until the answer is late; 0 when it is. */
export function remainingMs({ deadlineAtMs }) {
  return Math.max(0, deadlineAtMs - performance.now());
}
