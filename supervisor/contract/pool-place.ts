/** Where a pool stands among others of its name: a reload puts new ones beside those whose hooks still run. */

/** `coming`: it is tried whether it will do. `leaving`: it takes no calls any more, and goes with its last hook. */
export interface PoolPlace {
  /** Counts up with each reload that makes pools anew; the name of the pool's group has it, too. */
  set: number;
  standing: 'serving' | 'coming' | 'leaving';
}

/** As people name it. Plain names are those of pools that serve. */
export function shownName(id: string, { set, standing }: PoolPlace): string {
  return standing === 'serving' ? id : `${id}@${set}`;
}
