export * from "./errors.ts";
export {
  formatEvmAddress,
  parseEvmAddress,
  toAddress,
  toBlockHash,
  toTransactionId,
  ZERO_ADDRESS,
} from "./network/address.ts";
export type { Address, BlockHash, Hex, TransactionId } from "./network/address.ts";
export { formatAmount, parseAmount } from "./network/amount.ts";
export { decodeCall } from "./network/decode-call.ts";
export type { DecodedCall } from "./network/decode-call.ts";
export { movesOf } from "./network/describe-intent.ts";
export {
  callContract,
  decodeLog,
  deployContract,
  explainRevert,
  readContract,
  readEvents,
} from "./network/contract.ts";
export type { ContractCall, ContractEvent } from "./network/contract.ts";
export type {
  BlockRange,
  CallRequest,
  CoinMove,
  CoinQuery,
  LogQuery,
  Network,
  Reading,
} from "./network/network.ts";
export type {
  Asset,
  BttMeaning,
  BttPlace,
  Denomination,
  Explorer,
  NetworkAbilities,
  NetworkInfo,
} from "./network/network-info.ts";
export {
  balanceOf,
  denominationOf,
  isSameAsset,
  tokenMoves,
  transferIntent,
} from "./network/token.ts";
export type { TokenMove } from "./network/token.ts";
export type {
  AssetMove,
  BlockRef,
  BroadcastOutcome,
  CallIntent,
  DeployIntent,
  Head,
  Intent,
  Log,
  PreparedTransaction,
  PrepareOptions,
  Receipt,
  SignedTransaction,
  Simulation,
  TransactionStatus,
  TransferIntent,
  Urgency,
} from "./network/transaction.ts";
export {
  createEvmNetwork,
  knownEndpoints,
  listNetworks,
  openNetwork,
} from "./networks/open-network.ts";
export type { OpenNetworkOptions } from "./networks/open-network.ts";
export type { Endpoint, Rpc } from "./rpc/rpc.ts";
export { Sender } from "./sending/sender.ts";
export type { SendOptions } from "./sending/sender.ts";
export type { Outgoing, OutgoingState } from "./sending/outgoing.ts";
export { EVM_COIN, TRON_COIN } from "./accounts/derive-key.ts";
export { KeySigner, parsePrivateKey } from "./accounts/key-signer.ts";
export { decryptKey, encryptKey } from "./accounts/keystore.ts";
export type { EncryptedSecret, KeystoreV3 } from "./accounts/keystore.ts";
export { parseMnemonic } from "./accounts/mnemonic.ts";
export type { Mnemonic } from "./accounts/mnemonic.ts";
export type { ScryptCost } from "./accounts/scrypt.ts";
export { SessionKeys } from "./accounts/session-keys.ts";
export type { Session, SessionKeysOptions, SessionTerms } from "./accounts/session-keys.ts";
export type { SpendingLimit } from "./accounts/spending-meter.ts";
export { WalletFolder } from "./accounts/wallet-file.ts";
export type { AccountRecord, Contact, WalletFile } from "./accounts/wallet-file.ts";
export {
  addressOf,
  addressTextOf,
  drawMnemonic,
  makeKeyWallet,
  makeWallet,
  UnlockedWallet,
} from "./accounts/wallet-keys.ts";
export type { KeyMaking } from "./accounts/wallet-keys.ts";
export { deployContracts, estimateDeployment, verifyContracts } from "./deployment/deploy.ts";
export type { Deployed, DeployOptions } from "./deployment/deploy.ts";
export type { DeployParameters } from "./deployment/deploy-plan.ts";
export { DEPLOYED_CONTRACTS } from "./deployment/deployed-contracts.ts";
export { makeBackup, openBackup } from "./wallet/backup.ts";
export type { WalletBackup } from "./wallet/backup.ts";
export type { KnownAddress, RecipientWarning } from "./wallet/check-recipient.ts";
export { planSend } from "./wallet/plan-send.ts";
export type { SendPlan, SendRequest } from "./wallet/plan-send.ts";
export { readHistory } from "./wallet/read-history.ts";
export type { HistoryEntry, HistoryQuery } from "./wallet/read-history.ts";
export { describePermits } from "./wallet/describe-permits.ts";
export { planTransaction } from "./wallet/plan-transaction.ts";
export type {
  PlannedMove,
  TransactionPlan,
  TransactionRequest,
} from "./wallet/plan-transaction.ts";
export { planMessage, planTypedData, signPlanned } from "./wallet/sign-message.ts";
export type { SigningLine, SigningWarning } from "./wallet/signing-lines.ts";
export type { SigningPlan } from "./wallet/sign-message.ts";
export type { Signer, SigningRequest, Spending } from "./accounts/signer.ts";

export { openEmbeddedChain } from "./embedded/embedded-chain.ts";
export type {
  EmbeddedChain,
  EmbeddedChainOptions,
  ProviderMessage,
  RpcRequest,
  RpcSession,
} from "./embedded/embedded-chain.ts";
export { FAUCET_BTT_WEI, FAUCET_COIN_WEI } from "./embedded/faucet.ts";
export type { FaucetGift } from "./embedded/faucet.ts";
export { EMBEDDED_BTT_ADDRESS, EMBEDDED_CHANNELS_ADDRESS } from "./embedded/genesis.ts";
export type { ReplayProgress } from "./embedded/replay.ts";
export { serveChainRpc } from "./rpc-server/serve-chain-rpc.ts";
export type { ChainRpc, ServeChainRpcOptions } from "./rpc-server/serve-chain-rpc.ts";

export { TRON_EMULATION_URL } from "./networks/open-tron.ts";
export { formatTronAddress, parseTronAddress, tronCreate2Address } from "./tron/address.ts";
export { startTronEmulation } from "./tron-shim/start-emulation.ts";
export type { TronEmulation, TronEmulationOptions } from "./tron-shim/start-emulation.ts";

/** Decimals of BTT on every network: amounts are integers of 10^-18 BTT ("wei"), never floats. */
export const BTT_DECIMALS = 18;
export { SignatureChecker, signCompact } from "./signatures/compact-signature.ts";
export type { CompactSignature } from "./signatures/compact-signature.ts";
export { keccak256 } from "./signatures/keccak.ts";
export {
  addressWord,
  hashText,
  hexBytes,
  TypedDomain,
  uintWord,
} from "./signatures/typed-domain.ts";
