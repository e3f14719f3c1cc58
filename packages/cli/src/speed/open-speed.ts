import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Random } from "@shoal/runtime";
import { openPrivateFolder } from "@shoal/runtime/node";
import { openPaidPlace, openSessionKey, type PaidPlace, type SessionKey } from "@shoal/speed";
import type { CommandContext } from "../commands/context.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";
import type { OpenedAccount } from "../wallet/open-wallet.ts";

/** @throws {ChainError} `not-found` where the contract is not. */
export async function openSpeed({ network, runtime }: OpenedAccount): Promise<PaidPlace> {
  return await openPaidPlace({ network, store: runtime.store, clock: runtime.clock });
}

/** This device's key for vouchers. */
export async function openDeviceKey({ env }: CommandContext, random: Random): Promise<SessionKey> {
  const { data } = findShoalFolders(env, process.platform, homedir());
  return await openSessionKey(openPrivateFolder(join(data, "speed")), random);
}
