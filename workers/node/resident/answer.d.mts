interface Loaded {
  one?: ((event: unknown, context: unknown) => unknown) | undefined;
  many?: ((events: readonly unknown[], context: unknown) => unknown) | undefined;
}

export function answerText(
  validator: Loaded,
  question: { event?: unknown; events?: readonly unknown[]; context: object },
  task: { signal: AbortSignal },
): Promise<string>;
