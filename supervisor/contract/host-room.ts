/** What the host would still give. null: it does not say. */
export interface HostRoom {
  /** Memory beyond what is to stay free, in the host and in each group that we are in; below 0: so much is missing. */
  spareMemoryBytes: number | null;
  /** Of the last 10 s, the part in which something waited for memory, or for a processor. */
  memoryPressurePercent: number | null;
  cpuPressurePercent: number | null;
}
