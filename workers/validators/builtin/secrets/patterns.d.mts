export const PATTERNS: readonly { id: string; decision: string; what: string; pattern: RegExp }[];
