import type { SessionOptions } from "@shoal/engine";

const VOUCHER_TYPE = 3;

/** A trader that bids and takes as others do, and whose vouchers never leave it. */
export function withoutVouchers(options: Partial<SessionOptions>): Partial<SessionOptions> {
  return {
    ...options,
    extensions: (options.extensions ?? []).map((extension) => ({
      ...extension,
      attach: (peer) =>
        extension.attach({
          view: peer.view,
          send(payload) {
            if (payload[0] !== VOUCHER_TYPE) peer.send(payload);
          },
        }),
    })),
  };
}
