/** Who is connected. Anybody on the machine can connect and be silent: such a one makes room for the next, and never does one
 *  that has shown the token. */
import type { Socket } from 'node:net';

export class Visitors {
  readonly #isKnown = new Map<Socket, boolean>();
  crowdedOut = 0;

  constructor(private readonly max: number) {}

  get count(): number {
    return this.#isKnown.size;
  }

  add(socket: Socket): void {
    if (this.#isKnown.size >= this.max) {
      this.crowdedOut++;
      // In the order in which they came.
      const [oldest] = [...this.#isKnown].find(([, isKnown]) => !isKnown) ?? [socket];
      this.#isKnown.delete(oldest);
      oldest.destroy();
      if (oldest === socket) return;
    }
    this.#isKnown.set(socket, false);
    socket.once('close', () => this.#isKnown.delete(socket));
  }

  isKnown(socket: Socket): boolean {
    return this.#isKnown.get(socket) === true;
  }

  know(socket: Socket): void {
    if (this.#isKnown.has(socket)) this.#isKnown.set(socket, true);
  }
}
