/** Going in circles: the same command fails again and again, the same edit is made again and again. Told at the first time that
 *  counts and at each multiple of it, not every time. */

/** @returns {string[]} */
export function sequentialDrift(result, history, { repeatsMin }) {
  return [
    ...failingAgain(result, history.of(result.sessionId), repeatsMin),
    ...editedAgain(result, history.of(result.sessionId), repeatsMin),
  ];
}

function failingAgain(result, earlier, repeatsMin) {
  if (!result.isFailed) return [];
  const same = earlier.filter(({ key }) => key === result.key);
  const lastSuccess = same.findLastIndex(({ isFailed }) => !isFailed);
  const count = same.length - lastSuccess;
  if (!isTold(count, repeatsMin)) return [];
  const since = earlier.slice(earlier.lastIndexOf(same.at(-1)) + 1);
  const isUnchanged = since.every(({ edits }) => edits.length === 0);
  return [
    `\`${result.label}\` has failed ${count} times in a row in this session` +
      (isUnchanged ? ', the last time with no file edited since the time before' : '') +
      '. Something else should be tried, or the user asked.',
  ];
}

function editedAgain(result, earlier, repeatsMin) {
  return result.edits.flatMap(({ path, change }) => {
    const count = 1 + earlier.filter(({ edits }) => edits.some((edit) => edit.change === change)).length;
    return isTold(count, repeatsMin)
      ? [`The same edit of ${path} has been made ${count} times in this session: something undoes it.`]
      : [];
  });
}

function isTold(count, repeatsMin) {
  return count >= repeatsMin && count % repeatsMin === 0;
}
