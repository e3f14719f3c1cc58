import { BTT_TOTAL_SUPPLY_WEI, bttAbi, bttArtifact } from "@shoal/contracts";
import { encodeDeployData } from "viem";
import type { Address, Hex } from "../network/address.ts";

/** Init code of BTT, all of it for one account. */
export function bttInitCode(owner: Address): Hex {
  const args = [[owner], [BTT_TOTAL_SUPPLY_WEI]] as const;
  return encodeDeployData({ abi: bttAbi, bytecode: bttArtifact.bytecode, args });
}
