// A few variables of Node's own that no API shows, read through the engine's inspector while parking. Where a Node keeps
// them under other names the answer lacks them, and what would be done with them is not done.
'use strict';

/** { name: value } of those of `names` that lie in the scopes around `functions`. */
module.exports = (functions, names) => {
  const found = {};
  let connection;
  let answer;
  try {
    // Not require('inspector'): loading it changes process.chdir and opens the hook's stderr.
    connection = new (process.binding('inspector').Connection)((message) => {
      answer = JSON.parse(message).result;
    });
  } catch {
    return found; // this Node was built without
  }
  const post = (method, params) => {
    connection.dispatch(JSON.stringify({ id: 1, method, params }));
    return answer;
  };
  const properties = (objectId) => post('Runtime.getProperties', { objectId, ownProperties: true });
  const collect = ({ name, value }) => {
    if (value === undefined || name in found || !names.includes(name)) return;
    if (value.objectId === undefined) found[name] = value.value;
    else
      post('Runtime.callFunctionOn', {
        objectId: value.objectId,
        functionDeclaration: `function () { collect.${name} = this; }`,
      });
  };
  try {
    for (const look of functions) {
      globalThis.collect = look;
      const { objectId } = post('Runtime.evaluate', { expression: 'collect' }).result;
      globalThis.collect = found;
      const scopes = properties(objectId).internalProperties.find(({ name }) => name === '[[Scopes]]');
      for (const scope of properties(scopes.value.objectId).result) {
        if (/^(Block|Closure)/.test(scope.value?.description)) properties(scope.value.objectId).result.forEach(collect);
      }
    }
  } finally {
    delete globalThis.collect;
    connection.disconnect();
  }
  return found;
};
