import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { CheckField, Field, TextField } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { describeError } from "../state/notices.ts";
import { words } from "../words/words.ts";
import { type BrowserWallet, browserWallets } from "./browser-wallets.ts";
import { accountOf } from "./outside-account.ts";
import { ChooseOutside } from "./choose-outside.tsx";
import { CheckWords, ShowWords } from "./seed-words.tsx";

/** A day: long enough to see it earn, and locked again on a node that nobody looks at. */
const UNLOCKED_MINUTES = 24 * 60;

/**
 * Makes a wallet or restores one. New words are shown once and asked back; they are held by this component alone, and
 * gone with it.
 */
export function WalletSetup({
  givenPassword = "",
  taken = [],
  offersOutside = false,
  onDone,
}: {
  /** Of the step before, to be used for the wallet too unless another one is wanted. */
  readonly givenPassword?: string;
  /** Names that there are already. */
  readonly taken?: readonly string[];
  /** A wallet of the browser may hold the money, and fund the one that is made here. */
  readonly offersOutside?: boolean;
  /** @param outside The browser's wallet that is to fund it, where one was chosen. */
  readonly onDone: (name: string, outside: BrowserWallet | null) => void;
}) {
  const say = words.value;
  const mode = useSignal<"create" | "restore" | "outside">("create");
  const outsideId = useSignal<string | null>(null);
  const name = useSignal(freeName(taken));
  const password = useSignal("");
  const isSame = useSignal(givenPassword !== "");
  const restored = useSignal("");
  const made = useSignal<string | null>(null);
  const step = useSignal<"form" | "show" | "check">("form");
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const secret = isSame.value ? givenPassword : password.value;
  const found = browserWallets.value;
  const outside =
    mode.value === "outside" ? (found.find(({ uuid }) => uuid === outsideId.value) ?? null) : null;
  const isConnected = outside !== null && accountOf(outside).value.addresses.length > 0;

  const make = async (): Promise<void> => {
    isBusy.value = true;
    problem.value = null;
    try {
      const answer = await api.call("createWallet", {
        name: name.value.trim(),
        password: secret,
        ...(mode.value === "restore" && { words: restored.value.trim().replace(/\s+/g, " ") }),
      });
      restored.value = "";
      // Whoever makes a wallet means to use it, and has just typed its password.
      await api.call("unlockWallet", {
        name: answer.name,
        password: secret,
        minutes: UNLOCKED_MINUTES,
      });
      if (answer.words === null || mode.value === "restore") onDone(answer.name, outside);
      else {
        made.value = answer.words;
        step.value = "show";
      }
    } catch (error) {
      problem.value = describeError(error);
    }
    isBusy.value = false;
  };

  if (step.value === "show" && made.value !== null) {
    return (
      <ShowWords
        text={made.value}
        onNext={() => {
          step.value = "check";
        }}
      />
    );
  }
  if (step.value === "check" && made.value !== null) {
    return (
      <CheckWords
        text={made.value}
        onBack={() => {
          step.value = "show";
        }}
        onDone={() => {
          made.value = null;
          onDone(name.value.trim(), outside);
        }}
      />
    );
  }
  return (
    <div class="stack">
      <fieldset class="stack-s">
        <legend class="unseen">{say.makeWallet}</legend>
        {(["create", "restore"] as const).map((each) => (
          <Mode
            key={each}
            text={say.walletModes[each]}
            hint={say.walletModeHints[each]}
            isOn={mode.value === each}
            onPick={() => {
              mode.value = each;
            }}
          />
        ))}
        {offersOutside && found.length > 0 && (
          <Mode
            text={say.walletModeOutside}
            hint={say.walletModeOutsideHint(found.map((wallet) => wallet.name).join(", "))}
            isOn={mode.value === "outside"}
            onPick={() => {
              mode.value = "outside";
              outsideId.value ??= found[0]?.uuid ?? null;
            }}
          />
        )}
      </fieldset>
      {mode.value === "outside" && (
        <ChooseOutside
          picked={outside}
          onPick={(uuid) => {
            outsideId.value = uuid;
          }}
        />
      )}
      {mode.value === "restore" && (
        <Field label={say.yourWords} hint={say.yourWordsHint}>
          {(tie) => (
            <textarea
              {...tie}
              rows={3}
              required
              autocomplete="off"
              spellcheck={false}
              value={restored.value}
              onInput={(event) => {
                restored.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
      )}
      <TextField
        label={say.walletName}
        required
        value={name.value}
        onValue={(value) => {
          name.value = value;
        }}
      />
      {givenPassword !== "" && (
        <CheckField
          label={say.samePassword}
          isOn={isSame.value}
          onChange={(isOn) => {
            isSame.value = isOn;
          }}
        />
      )}
      {!isSame.value && (
        <TextField
          label={say.walletPassword}
          type="password"
          autocomplete="new-password"
          required
          minLength={8}
          hint={say.walletPasswordHint}
          value={password.value}
          onValue={(value) => {
            password.value = value;
          }}
        />
      )}
      <Problem text={problem.value} />
      <div>
        <button
          type="button"
          class="button primary large"
          disabled={
            isBusy.value ||
            secret.length < 8 ||
            name.value.trim() === "" ||
            (mode.value === "restore" && restored.value.trim() === "") ||
            (mode.value === "outside" && !isConnected)
          }
          onClick={() => void make()}
        >
          {mode.value === "restore" ? say.restoreWallet : say.makeWallet}
        </button>
      </div>
    </div>
  );
}

function Mode({
  text,
  hint,
  isOn,
  onPick,
}: {
  readonly text: string;
  readonly hint: string;
  readonly isOn: boolean;
  readonly onPick: () => void;
}) {
  return (
    <label class="choice">
      <input type="radio" name="wallet-mode" checked={isOn} onChange={onPick} />
      <span>
        <b>{text}</b>
        <span class="quiet">{hint}</span>
      </span>
    </label>
  );
}

function freeName(taken: readonly string[]): string {
  let name = "main";
  for (let number = 2; taken.includes(name); number++) name = `main-${number}`;
  return name;
}
