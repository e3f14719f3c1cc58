import { type Address, KeySigner } from "@shoal/chain";
import type { PrivateFolder, Random } from "@shoal/runtime";

const KEY_FILE = "session-key";

/** A device's key for vouchers. It can spend what its channels hold, and nothing else. */
export interface SessionKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly address: Address;
}

/** This device's key, made when there is none. @throws {DiskError} */
export async function openSessionKey(folder: PrivateFolder, random: Random): Promise<SessionKey> {
  let key = await folder.read(KEY_FILE);
  if (key === null) {
    key = random.bytes(32);
    await folder.create(KEY_FILE, key);
  }
  return { key, address: new KeySigner(Uint8Array.from(key)).address };
}
