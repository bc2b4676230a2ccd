export const RULES: readonly { id: string; reason: string }[];
