export const RULES: readonly { id: string; decision: string; reason: string }[];
