import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../browser/connection.ts";
import { CheckField, TextField } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Problem } from "../parts/problem.tsx";
import { trading } from "../state/live.ts";
import { attempt, describeError } from "../state/notices.ts";
import { prefer, preferences } from "../state/preferences.ts";
import { go } from "../state/route.ts";
import { may, node, refreshSession, session } from "../state/session.ts";
import { words } from "../words/words.ts";
import { ChooseWallet } from "./choose-wallet.tsx";
import { endGuide, rememberedStep, rememberStep } from "./guide-state.ts";
import { findOpenStep, GUIDE_STEPS, type GuideStep } from "./open-step.ts";
import { TryIt } from "./try-it.tsx";

/** Written out for the bundler, which puts the picture's address here. */
const logo = new URL("../style/shoal.svg", import.meta.url).href;

/** The first five minutes: everything that has to be decided once, and then a download to watch. */
export function GuidePage() {
  const first = useSignal<GuideStep | null>(null);
  useEffect(() => {
    void findFirstStep().then((step) => {
      first.value = step;
    });
  }, []);
  if (first.value === null) return <p class="centered quiet">{words.value.loading}</p>;
  return <Guide first={first.value} />;
}

/** What the daemon says is decided, and where this tab was. */
async function findFirstStep(): Promise<GuideStep> {
  const answer = session.peek();
  const needsPassword = typeof answer !== "string" && answer.needsPassword;
  const asked = may("wallet") ? api.call("getTrading").catch(() => null) : null;
  const [state, run] = await Promise.all([asked, api.call("getSample").catch(() => null)]);
  if (state !== null) trading.value = state;
  const decided = {
    needsPassword,
    wallet: state?.wallet ?? null,
    isSelling: state?.selling.isOn ?? false,
    sample: run?.state ?? "off",
  };
  return findOpenStep(decided, rememberedStep());
}

function Guide({ first }: { readonly first: GuideStep }) {
  const say = words.value;
  const step = useSignal<GuideStep>(first);
  const password = useSignal("");
  const at = GUIDE_STEPS.indexOf(step.value);
  const next = (): void => {
    step.value = GUIDE_STEPS[Math.min(at + 1, GUIDE_STEPS.length - 1)] ?? "try";
    rememberStep(step.value);
    document.getElementById("guide-title")?.focus();
  };
  const finish = (): void => {
    void endGuide().then(() => go("torrents"));
  };
  return (
    <main class="guide">
      <div class={`guide-inside ${step.value === "try" ? "wide" : ""}`}>
        <div class="row spread">
          <span class="brand">
            <img src={logo} alt="" />
            Shoal
          </span>
          <button type="button" class="button plain" onClick={finish}>
            {say.skipGuide}
          </button>
        </div>
        <ol class="steps" aria-label={say.stepOf(at + 1, GUIDE_STEPS.length)}>
          {GUIDE_STEPS.map((each, index) => (
            <li
              key={each}
              class={index <= at ? "done" : ""}
              aria-current={index === at ? "step" : undefined}
            >
              <span class="unseen">{say.guideSteps[each]}</span>
            </li>
          ))}
        </ol>
        <div class="stack-s">
          <h1 id="guide-title" tabIndex={-1}>
            {say.guideTitles[step.value]}
          </h1>
          <p class="lead">{say.guideLeads[step.value]}</p>
        </div>
        {step.value === "welcome" && <Welcome onNext={next} />}
        {step.value === "password" && (
          <ChoosePassword password={password} onNext={next} onWithout={finish} />
        )}
        {step.value === "wallet" && <ChooseWallet givenPassword={password.value} onNext={next} />}
        {step.value === "folder" && <ChooseFolder onNext={next} />}
        {step.value === "sell" && <ChooseSelling onNext={next} />}
        {step.value === "try" && <TryIt onDone={finish} />}
      </div>
    </main>
  );
}

function Welcome({ onNext }: { readonly onNext: () => void }) {
  const say = words.value;
  return (
    <>
      <div class="row" role="group" aria-label={say.language}>
        {(["en", "ja"] as const).map((language) => (
          <button
            key={language}
            type="button"
            class="button"
            lang={language}
            aria-pressed={preferences.value.language === language}
            onClick={() => prefer({ language })}
          >
            {language === "en" ? "English" : "日本語"}
            {preferences.value.language === language && <Icon name="check" />}
          </button>
        ))}
      </div>
      <ul class="stack-s">
        {say.welcomePoints.map((point) => (
          <li key={point} class="row">
            <span class="good">
              <Icon name="check" />
            </span>
            <span class="grow">{point}</span>
          </li>
        ))}
      </ul>
      <div>
        <button type="button" class="button primary large" onClick={onNext}>
          {say.begin}
        </button>
      </div>
    </>
  );
}

function ChoosePassword({
  password,
  onNext,
  onWithout,
}: {
  readonly password: { value: string };
  readonly onNext: () => void;
  readonly onWithout: () => void;
}) {
  const say = words.value;
  const again = useSignal("");
  const problem = useSignal<string | null>(null);
  const answer = session.value;
  const isSet = typeof answer !== "string" && !answer.needsPassword;
  const set = async (): Promise<void> => {
    problem.value = null;
    try {
      await api.call("setPassword", { password: password.value });
      await refreshSession();
      onNext();
    } catch (error) {
      problem.value = describeError(error);
    }
  };
  if (isSet) {
    return (
      <div class="stack">
        <p class="callout good">{say.passwordIsSet}</p>
        <div>
          <button type="button" class="button primary large" onClick={onNext}>
            {say.next}
          </button>
        </div>
      </div>
    );
  }
  const isSame = again.value === password.value;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void set();
      }}
    >
      <TextField
        label={say.newPassword}
        type="password"
        autocomplete="new-password"
        required
        minLength={8}
        hint={say.passwordHint}
        value={password.value}
        onValue={(value) => {
          password.value = value;
        }}
      />
      <TextField
        label={say.passwordAgain}
        type="password"
        autocomplete="new-password"
        required
        problem={again.value !== "" && !isSame ? say.passwordsDiffer : null}
        value={again.value}
        onValue={(value) => {
          again.value = value;
        }}
      />
      <Problem text={problem.value} />
      <div class="row">
        <button
          type="submit"
          class="button primary large"
          disabled={password.value.length < 8 || !isSame}
        >
          {say.next}
        </button>
        <button type="button" class="button plain large" onClick={onWithout}>
          {say.withoutPassword}
        </button>
      </div>
    </form>
  );
}

function ChooseFolder({ onNext }: { readonly onNext: () => void }) {
  const say = words.value;
  const folder = useSignal(node.value?.downloadFolder ?? "");
  const problem = useSignal<string | null>(null);
  const set = async (): Promise<void> => {
    problem.value = null;
    try {
      if (folder.value !== node.value?.downloadFolder) {
        await api.call("changeSettings", { downloads: { folder: folder.value } });
        await refreshSession();
      }
      onNext();
    } catch (error) {
      problem.value = describeError(error);
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void set();
      }}
    >
      <TextField
        label={say.downloadFolder}
        required
        hint={say.downloadFolderHint}
        value={folder.value}
        onValue={(value) => {
          folder.value = value;
        }}
      />
      <Problem text={problem.value} />
      <div>
        <button type="submit" class="button primary large">
          {say.next}
        </button>
      </div>
    </form>
  );
}

function ChooseSelling({ onNext }: { readonly onNext: () => void }) {
  const say = words.value;
  const isSelling = useSignal(trading.value?.selling.isOn ?? false);
  const hasWallet = trading.value?.wallet !== null && trading.value !== null;
  const set = async (): Promise<void> => {
    if (hasWallet && isSelling.value !== trading.value?.selling.isOn) {
      await attempt(async () => {
        trading.value = await api.call("changeTrading", { sell: { isOn: isSelling.value } });
      });
    }
    onNext();
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void set();
      }}
    >
      {hasWallet ? (
        <CheckField
          label={<b>{say.sellUpload}</b>}
          hint={say.sellUploadHint}
          isOn={isSelling.value}
          onChange={(isOn) => {
            isSelling.value = isOn;
          }}
        />
      ) : (
        <p class="callout">{say.tradingNeedsWallet}</p>
      )}
      <p class="callout warn">{say.riskSelling}</p>
      <div>
        <button type="submit" class="button primary large">
          {say.next}
        </button>
      </div>
    </form>
  );
}
