/** Processes that are parked: at least `min` also when no call comes, up to `max` as calls come together. */
export interface ParkedRange {
  min: number;
  max: number;
}
