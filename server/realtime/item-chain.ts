/** The items of a session, one behind the other; each names the one before it. */
export interface ItemChain {
  newId(): string;
  /** @returns the item before it; null if it is the first */
  append(itemId: string): string | null;
}

/** @param newName never the same twice */
export function createItemChain(newName: () => string): ItemChain {
  let last: string | null = null;
  return {
    newId: () => `item_${newName()}`,
    append(itemId) {
      const previous = last;
      last = itemId;
      return previous;
    },
  };
}
