/** What a plan would like to know and only a program can tell, by being run. It is run outside of any sandbox, and the
 *  file may be one that a hook has written (a `bash` of its own, a shim): so not before it is known that the call itself
 *  is to run like this, too. */
export class Questions {
  private open: (() => void)[] = [];

  /** Those of the plan before are dropped. */
  begin(): void {
    this.open = [];
  }

  readonly put = (find: () => void): void => {
    this.open.push(find);
  };

  /** Finding out begins. */
  pursue(): void {
    for (const find of this.open.splice(0)) find();
  }
}
