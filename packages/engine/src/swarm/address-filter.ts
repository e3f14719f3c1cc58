/** Addresses that a session never speaks to: neither peers nor web seeds. */
export interface AddressFilter {
  /** @param address An IP address; a name, which only a proxy looks up, is in no list. */
  isBlocked(address: string): boolean;
  /** Calls `listener` when others may be blocked than before. @returns A function that removes it. */
  onChange(listener: () => void): () => void;
}

/** Lets everybody in. */
export const OPEN_ADDRESSES: AddressFilter = { isBlocked: () => false, onChange: () => () => {} };
