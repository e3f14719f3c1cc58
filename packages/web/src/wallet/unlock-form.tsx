import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { TextField } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { attempt } from "../state/notices.ts";
import { words } from "../words/words.ts";
import type { Wallet } from "./wallet-state.ts";

const UNLOCKED_MINUTES = 60;

/** Unlocks a wallet for an hour, or locks it. */
export function UnlockForm({
  wallet,
  onChange,
}: {
  readonly wallet: Wallet;
  readonly onChange: () => void;
}) {
  const say = words.value;
  const password = useSignal("");
  const { name } = wallet;
  if (wallet.isUnlocked) {
    return (
      <div class="callout">
        <span class="grow">{say.walletUnlocked}</span>
        <button
          type="button"
          class="button link"
          onClick={() =>
            void attempt(async () => {
              await api.call("lockWallet", { name });
              onChange();
            })
          }
        >
          {say.lockNow}
        </button>
      </div>
    );
  }
  const unlock = async (): Promise<void> => {
    await attempt(async () => {
      await api.call("unlockWallet", {
        name,
        password: password.value,
        minutes: UNLOCKED_MINUTES,
      });
      onChange();
    });
    password.value = "";
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void unlock();
      }}
    >
      <h2>{say.walletLocked}</h2>
      <TextField
        label={say.walletPassword}
        type="password"
        autocomplete="current-password"
        required
        hint={say.walletLockedHint}
        value={password.value}
        onValue={(value) => {
          password.value = value;
        }}
      />
      <div>
        <button type="submit" class="button primary">
          <Icon name="lock" />
          {say.unlock}
        </button>
      </div>
    </form>
  );
}
