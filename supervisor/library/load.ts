/** How much is under way, within two bounds. */

export interface Amount {
  events: number;
  bytes: number;
}

export class Load {
  private events = 0;
  private bytes = 0;

  /** @param whole of which this one is a part. */
  constructor(
    private readonly max: Amount,
    private readonly whole?: Load,
  ) {}

  get count(): number {
    return this.events;
  }

  hasRoomFor({ events, bytes }: Amount): boolean {
    const isWithin = this.events + events <= this.max.events && this.bytes + bytes <= this.max.bytes;
    return isWithin && (this.whole?.hasRoomFor({ events, bytes }) ?? true);
  }

  /** What there is room for. */
  add({ events, bytes }: Amount): void {
    this.events += events;
    this.bytes += bytes;
    this.whole?.add({ events, bytes });
  }

  remove({ events, bytes }: Amount): void {
    this.add({ events: -events, bytes: -bytes });
  }
}
