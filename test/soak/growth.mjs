// Whether something grows with the number of calls. Pure.

/** Least squares: the slope of y over x. */
export function slope(points) {
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const meanX = mean(({ x }) => x);
  const meanY = mean(({ y }) => y);
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (spread === 0) return 0;
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

/** What each 1,000 calls add, over the second half: in the first half caches fill and pools settle.
 *  @param samples [{ calls, value }] */
export function perThousandCalls(samples) {
  const middle = (samples.at(0).calls + samples.at(-1).calls) / 2;
  return slope(
    samples.filter(({ calls }) => calls >= middle).map(({ calls, value }) => ({ x: calls / 1000, y: value })),
  );
}
