/**
 * The order of two versions, for Array.sort: lowest first.
 * Semantic Versioning 2.0.0, paragraph 11: a pre-release comes before its release; its parts are
 * compared as numbers where both are numeric, numbers come before words, fewer parts before more.
 */
export function compareVersions(left: string, right: string): number {
  const [leftCore, leftPre] = splitVersion(left);
  const [rightCore, rightPre] = splitVersion(right);
  const core = compareParts(leftCore, rightCore);
  if (core !== 0) return core;
  if (leftPre.length === 0 || rightPre.length === 0) return rightPre.length - leftPre.length;
  return compareParts(leftPre, rightPre);
}

function splitVersion(version: string): readonly [core: readonly string[], preRelease: readonly string[]] {
  const dash = version.indexOf('-');
  if (dash === -1) return [version.split('.'), []];
  return [version.slice(0, dash).split('.'), version.slice(dash + 1).split('.')];
}

function compareParts(left: readonly string[], right: readonly string[]): number {
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    const [partIsNumber, otherIsNumber] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (partIsNumber && otherIsNumber) return BigInt(part) < BigInt(other) ? -1 : 1;
    if (partIsNumber !== otherIsNumber) return partIsNumber ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return left.length - right.length;
}
