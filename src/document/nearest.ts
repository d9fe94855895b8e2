/** Levenshtein distance, counting a swap of neighbours as one edit, because that is how people mistype. */
function editDistance(a: string, b: string): number {
  let twoBack: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, twoBack[j - 2]! + 1);
      row.push(best);
    }
    twoBack = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** The valid name that `name` was most likely meant to be, or `undefined` when none is close. */
export function nearest(name: string, valid: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of valid) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` (did you mean X?)`, or, with no near match and a short list, ` (known: A, B, C)`; empty when there is nothing to offer. */
export function suggestion(name: string, valid: Iterable<string>): string {
  const names = [...valid];
  const near = nearest(name, names);
  if (near !== undefined) return ` (did you mean "${near}"?)`;
  if (names.length === 0) return '';
  const shown = names.slice(0, 8).join(', ');
  return ` (known: ${shown}${names.length > 8 ? ', …' : ''})`;
}
