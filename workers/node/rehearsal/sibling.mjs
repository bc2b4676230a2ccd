export const kind = 'sibling';
