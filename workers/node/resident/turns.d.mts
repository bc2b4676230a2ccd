export class Turns {
  constructor(nowMs?: () => number);
  take(name: string, look: () => void): void;
}
