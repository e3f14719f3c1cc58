import { createProvider, type ProviderOptions, type ShoalProvider } from "./create-provider.ts";

/** A wave in a square, as Shoal's page has it. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="96" height="96"><rect width="32" height="32" rx="8" fill="#0b6079"/>' +
    '<g fill="#fff">' +
    '<path d="M8 10c3-3 8-3 11 0l3-2.2v4.4L19 10c-3 3-8 3-11 0Z"/>' +
    '<path opacity=".8" d="M11 17c3-3 8-3 11 0l3-2.2v4.4L22 17c-3 3-8 3-11 0Z"/>' +
    '<path opacity=".6" d="M6 23.5c3-3 8-3 11 0l3-2.2v4.4l-3-2.2c-3 3-8 3-11 0Z"/></g></svg>',
)}`;

/** How wallets call themselves before pages. @see EIP-6963 */
export interface ProviderInfo {
  readonly uuid: string;
  readonly name: string;
  readonly icon: string;
  readonly rdns: string;
}

/** The window that a provider is announced in. */
export type AnnouncingPage = Pick<EventTarget, "addEventListener" | "dispatchEvent"> & {
  ethereum?: unknown;
};

/**
 * Offers the daemon's wallet to a page beside all others that are there. `window.ethereum` is set only where there is none: it
 * belongs to whoever came first.
 * @see EIP-6963
 */
export function announceProvider(
  options: ProviderOptions & { readonly window?: AnnouncingPage } = {},
): ShoalProvider {
  const { window = globalThis as unknown as AnnouncingPage, ...rest } = options;
  const provider = createProvider(rest);
  const info: ProviderInfo = Object.freeze({
    uuid: drawUuid(),
    name: "Shoal",
    icon: ICON,
    // Shoal has no domain: it is a program of the user's own machine.
    rdns: "localhost.shoal",
  });
  const detail = Object.freeze({ info, provider });
  const announce = (): void => {
    window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  };
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
  if (window.ethereum === undefined) window.ethereum = provider;
  return provider;
}

/** Version 4 of RFC 9562. `crypto.randomUUID` is not there for pages that came over plain HTTP. */
function drawUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
