/** Two agents at one file: whoever edits second may not have seen what the first has done. */

/** @returns {string[]} */
export function coordinationDrift(result, history, { eventsBack }) {
  const own = history.of(result.sessionId);
  const others = history.ofOthers(result.sessionId);
  return result.edits.flatMap(({ path, isWhole }) => {
    const last = latest([...own, ...others], path);
    if (last === undefined || history.sequence - last.sequence >= eventsBack) return [];
    if (last.sessionId === result.sessionId && last.agentId === result.agentId) return [];
    const who =
      last.sessionId === result.sessionId ? `the agent ${last.agentId}` : `another session (${last.sessionId})`;
    const ago = history.sequence - last.sequence + 1;
    const harm = isWhole
      ? 'It was written whole: what the other had changed may be gone.'
      : 'Read it again before it is edited further.';
    return [`${path} was edited by ${who} ${ago} tool ${ago === 1 ? 'call' : 'calls'} before this edit. ${harm}`];
  });
}

function latest(results, path) {
  return results
    .filter(({ edits }) => edits.some((edit) => edit.path === path))
    .reduce((found, one) => (found === undefined || one.sequence > found.sequence ? one : found), undefined);
}
