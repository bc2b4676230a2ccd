// What is said about a soak, and what of it is too much.

/** Node's heap moves by some megabytes as it pleases, and the pages of a ring are touched one after the other: with fewer
 *  calls a slope says nothing. A leak of 200 bytes a call is 200 kB. */
const JUDGED_CALLS_MIN = 20_000;
const RSS_PER_THOUSAND_MAX_KB = 200;
/** One descriptor lost in 2,000 calls. */
const FDS_PER_THOUSAND_MAX = 0.5;

/** What grows faster than it may; undefined where the calls are too few to tell. */
export function growing(growth, calls) {
  if (calls < JUDGED_CALLS_MIN) return undefined;
  return growth.flatMap(({ what, rss, fds }) => [
    ...(rss.perThousand > RSS_PER_THOUSAND_MAX_KB ? [`memory of ${what}`] : []),
    ...(fds !== undefined && fds.perThousand > FDS_PER_THOUSAND_MAX ? [`descriptors of ${what}`] : []),
  ]);
}

export function growthLine({ what, rss, fds, samples }) {
  const memory = `RSS ${signed(rss.perThousand, 1)} kB (${megabytes(rss.atMiddle)} at the middle, ${megabytes(rss.last)} at the end)`;
  const files =
    fds === undefined
      ? 'descriptors not readable without root'
      : `descriptors ${signed(fds.perThousand, 3)} (${fds.atMiddle}, ${fds.last})`;
  return `${what.padEnd(32)} ${memory}; ${files}; ${samples} samples`;
}

function signed(value, digits) {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
}

function megabytes(kilobytes) {
  return `${(kilobytes / 1024).toFixed(1)} MB`;
}
