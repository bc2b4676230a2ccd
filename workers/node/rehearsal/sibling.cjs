exports.kind = 'sibling';
