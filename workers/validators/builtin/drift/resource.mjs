/** The same call takes longer, or says more, than it did. */

const EARLIER_MIN = 3;
const EARLIER_MAX = 8;

/** @returns {string[]} */
export function resourceDrift(result, history, { growthFactor, durationMinMs, outputMinCharacters }) {
  const earlier = history
    .of(result.sessionId)
    .filter(({ key }) => key === result.key)
    .slice(-EARLIER_MAX);
  const grown = (value, values, least) => {
    if (value === null || value < least || values.length < EARLIER_MIN) return undefined;
    const usual = median(values);
    return value >= growthFactor * Math.max(usual, 1) ? usual : undefined;
  };
  const told = [];
  const usualMs = grown(
    result.durationMs,
    earlier.map(({ durationMs }) => durationMs).filter((one) => one !== null),
    durationMinMs,
  );
  if (usualMs !== undefined)
    told.push(`\`${result.label}\` took ${seconds(result.durationMs)}, usually ${seconds(usualMs)} in this session.`);
  const usual = grown(
    result.outputCharacters,
    earlier.map(({ outputCharacters }) => outputCharacters),
    outputMinCharacters,
  );
  if (usual !== undefined) {
    told.push(
      `\`${result.label}\` gave ${result.outputCharacters} characters, usually ${usual} in this session; less of it would leave more room.`,
    );
  }
  return told;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function seconds(durationMs) {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
