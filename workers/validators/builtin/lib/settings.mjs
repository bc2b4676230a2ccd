/** Settings of the built-in validators: every key and type is checked, since a misspelt one would switch off a rule unseen. */

const TYPES = {
  texts: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  boolean: (value) => typeof value === 'boolean',
  count: (value) => Number.isSafeInteger(value) && value >= 0,
  number: (value) => Number.isFinite(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** `shape`: key -> [type, default].
 *  @throws Error for the user, who reads it as this validator's failure */
export function settingsOf(given, shape) {
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(shape, key));
  if (unknown.length > 0)
    throw new Error(`settings: no key ${unknown.join(', ')}; there are ${Object.keys(shape).join(', ')}`);
  return Object.fromEntries(
    Object.entries(shape).map(([key, [type, fallback]]) => {
      const value = given[key] ?? fallback;
      if (!TYPES[type](value)) throw new Error(`settings: ${key} is no ${type}`);
      return [key, value];
    }),
  );
}

const DECISIONS = ['deny', 'ask', 'inform', 'off'];

/** Rules with the decisions that settings give them. */
export function ruled(rules, changes) {
  const ids = rules.map(({ id }) => id);
  for (const [id, decision] of Object.entries(changes)) {
    if (!ids.includes(id)) throw new Error(`settings: rules: no rule ${id}; there are ${ids.join(', ')}`);
    if (!DECISIONS.includes(decision)) throw new Error(`settings: rules: ${id} is none of ${DECISIONS.join(', ')}`);
  }
  return rules
    .map((rule) => ({ ...rule, decision: changes[rule.id] ?? rule.decision }))
    .filter(({ decision }) => decision !== 'off');
}

/** Made anew only when the settings are others: a worker is given the same with every event. */
export function remembered(make) {
  let text;
  let made;
  return (given) => {
    const asked = JSON.stringify(given);
    if (asked !== text) {
      made = make(given);
      text = asked;
    }
    return made;
  };
}
