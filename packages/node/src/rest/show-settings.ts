import type { Settings } from "@shoal/api";
import type { Caller } from "../access/caller.ts";
import { REDACTED, redact } from "../log/redact.ts";

/**
 * Settings as a caller may see them: who may not change them sees no secrets, which URLs of proxies and RPC endpoints
 * hold.
 */
export function showSettings(settings: Settings, { scopes }: Caller): Settings {
  if (scopes.has("admin")) return settings;
  const shown = redact(settings) as Settings;
  const rpcUrls = settings.chain.rpcUrls.map((url) => URL.parse(url)?.origin ?? REDACTED);
  return { ...shown, chain: { ...shown.chain, rpcUrls } };
}
