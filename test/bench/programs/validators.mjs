// Validators of the benches: the same in both runtimes, and of batches, too.
export const VALIDATOR_SOURCES = {
  node: {
    file: 'validator.mjs',
    text: `const isBad = (event) => event.toolInput.command.includes('rm -rf');
const one = (event) => (isBad(event) ? { decision: 'deny', reason: 'no' } : {});
export default { validate: one, validateBatch: (events) => events.map(one) };`,
  },
  python: {
    file: 'validator.py',
    text: `def validate(event, context):
    return {"decision": "deny", "reason": "no"} if "rm -rf" in event["toolInput"]["command"] else {}
def validate_batch(events, context):
    return [validate(event, context) for event in events]`,
  },
};
