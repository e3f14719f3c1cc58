export { announceProvider } from "./announce-provider.ts";
export type { AnnouncingPage, ProviderInfo } from "./announce-provider.ts";
export { createProvider } from "./create-provider.ts";
export type { ProviderOptions, RequestArguments, ShoalProvider } from "./create-provider.ts";
export type { Page } from "./page.ts";
export { ProviderRpcError } from "./provider-rpc-error.ts";
