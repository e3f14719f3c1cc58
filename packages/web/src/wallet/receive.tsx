import { HashText } from "../parts/hash-text.tsx";
import { QrCode } from "../parts/qr-code.tsx";
import { words } from "../words/words.ts";

/** The address to be paid at, to copy and for a camera. */
export function Receive({
  address,
  network,
}: {
  readonly address: string;
  readonly network: string;
}) {
  const say = words.value;
  return (
    <section class="card" aria-label={say.receive}>
      <h2>{say.receive}</h2>
      <div class="row">
        <QrCode text={address} name={say.qrOf(address)} />
        <div class="grow stack-s">
          <HashText text={address} name={say.yourAddress} isWhole />
          <p class="small quiet">{say.receiveHint(network)}</p>
        </div>
      </div>
    </section>
  );
}
