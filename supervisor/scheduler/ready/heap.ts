/** A binary heap that finds what stands in it again: each item gets a place, by which it is moved or taken out in O(log n). */

export interface Place<Item> {
  readonly item: Item;
  at: number;
}

export class PlacedHeap<Item> {
  private readonly places: Place<Item>[] = [];

  constructor(private readonly isBefore: (a: Item, b: Item) => boolean) {}

  get first(): Item | undefined {
    return this.places[0]?.item;
  }

  get size(): number {
    return this.places.length;
  }

  add(item: Item): Place<Item> {
    const place = { item, at: this.places.length };
    this.places.push(place);
    this.rise(place);
    return place;
  }

  remove(place: Place<Item>): void {
    const last = this.places.pop();
    if (last === undefined || last === place) return;
    this.put(last, place.at);
    this.moved(last);
  }

  /** Where it belongs has changed. */
  moved(place: Place<Item>): void {
    this.rise(place);
    this.sink(place);
  }

  private rise(place: Place<Item>): void {
    let { at } = place;
    while (at > 0) {
      const above = this.places[(at - 1) >> 1];
      if (above === undefined || !this.isBefore(place.item, above.item)) break;
      const aboveAt = above.at;
      this.put(above, at);
      at = aboveAt;
    }
    this.put(place, at);
  }

  private sink(place: Place<Item>): void {
    let { at } = place;
    for (;;) {
      const below = this.earlierOf(this.places[2 * at + 1], this.places[2 * at + 2]);
      if (below === undefined || !this.isBefore(below.item, place.item)) break;
      const belowAt = below.at;
      this.put(below, at);
      at = belowAt;
    }
    this.put(place, at);
  }

  private earlierOf(a: Place<Item> | undefined, b: Place<Item> | undefined): Place<Item> | undefined {
    if (a === undefined || b === undefined) return a;
    return this.isBefore(b.item, a.item) ? b : a;
  }

  private put(place: Place<Item>, at: number): void {
    this.places[at] = place;
    place.at = at;
  }
}
