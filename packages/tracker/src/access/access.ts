import { toHex } from "@shoal/protocol";
import type { Account, Accounts } from "./accounts.ts";
import type { AddressList } from "./address-list.ts";
import type { TorrentList } from "./torrent-list.ts";

/** Who may announce what. Everything may be changed while the tracker runs. */
export interface AccessRules {
  /** Serves these torrents alone. */
  readonly allowedTorrents?: TorrentList;
  readonly deniedTorrents?: TorrentList;
  readonly deniedAddresses?: AddressList;
  /** Private mode: only announces with the passkey of an account are served, and are accounted. */
  readonly accounts?: Accounts;
}

/** Served, for this account where the tracker has accounts; or refused, in words for the user. */
export type Admission = { readonly account: Account | null } | { readonly refusal: string };

export interface Access {
  admit(infoHash: Uint8Array, address: string, passkey: string | null): Admission;
  setRules(rules: AccessRules): void;
  readonly rules: AccessRules;
}

const OPEN: Admission = { account: null };

/** What a tracker without rules costs is one comparison for each announce. */
export function createAccess(initial: AccessRules = {}): Access {
  let rules = initial;
  let isOpen = hasNoRules(rules);
  return {
    get rules() {
      return rules;
    },
    setRules(next) {
      rules = next;
      isOpen = hasNoRules(next);
    },
    admit(infoHash, address, passkey) {
      if (isOpen) return OPEN;
      const { allowedTorrents, deniedTorrents, deniedAddresses, accounts } = rules;
      if (deniedAddresses?.has(address) === true) {
        return { refusal: "Your address is not served by this tracker." };
      }
      const account = accounts === undefined ? null : accounts.find(passkey ?? "");
      if (account === null && accounts !== undefined) {
        const refusal =
          passkey === null
            ? "This tracker is private: use the announce address with your passkey."
            : "This passkey is not known here. Get a new torrent from the tracker's site.";
        return { refusal };
      }
      if (allowedTorrents !== undefined || deniedTorrents !== undefined) {
        const hex = toHex(infoHash);
        if (allowedTorrents?.has(hex) === false || deniedTorrents?.has(hex) === true) {
          return { refusal: "This torrent is not served by this tracker." };
        }
      }
      return { account };
    },
  };
}

function hasNoRules(rules: AccessRules): boolean {
  return Object.values(rules).every((rule) => rule === undefined);
}

/**
 * The passkey in an announce address: `/PASSKEY/announce` or `/announce?passkey=PASSKEY`, and the same
 * for scrapes.
 * @param target Path and query.
 * @returns the path without it, the query, and the passkey or null.
 */
export function splitPasskey(target: string): {
  readonly path: string;
  readonly query: string;
  readonly passkey: string | null;
} {
  const mark = target.indexOf("?");
  const fullPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? "" : target.slice(mark + 1);
  const inPath = /^\/([0-9A-Za-z]{8,64})(\/(?:announce|scrape))$/.exec(fullPath);
  if (inPath !== null) return { path: inPath[2]!, query, passkey: inPath[1]! };
  const inQuery = /(?:^|&)passkey=([0-9A-Za-z]{8,64})(?:&|$)/.exec(query);
  return { path: fullPath, query, passkey: inQuery?.[1] ?? null };
}
