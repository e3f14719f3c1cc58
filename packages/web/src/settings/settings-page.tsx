import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { Problem } from "../parts/problem.tsx";
import { TabList } from "../parts/tab-list.tsx";
import { attempt } from "../state/notices.ts";
import { hrefTo } from "../state/route.ts";
import { may } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { AccessSection } from "./access-section.tsx";
import { Choices } from "./choices.tsx";
import { type DescribedSetting, SECTIONS, settingsOf } from "./described-setting.ts";
import { SettingField } from "./setting-field.tsx";
import { UpkeepSection } from "./upkeep-section.tsx";
import { CategoriesSection } from "./categories-section.tsx";

const EXTRA = ["categories", "access", "upkeep"] as const;

/** The daemon's whole configuration, and who may reach it. */
export function SettingsPage({ section }: { readonly section: string }) {
  const say = words.value;
  const current = [...SECTIONS, ...EXTRA].find((each) => each === section) ?? "downloads";
  return (
    <div class="page">
      <h1>{say.settings}</h1>
      {/* On a narrow screen the side bar has no room for them. */}
      <div class="only-narrow">
        <div class="cards">
          <Choices />
        </div>
      </div>
      <TabList
        name={say.settings}
        current={current}
        tabs={[...SECTIONS, ...EXTRA].map((id) => ({
          id,
          text: say.settingSections[id],
          href: hrefTo("settings", id),
        }))}
      />
      {current === "categories" && <CategoriesSection />}
      {current === "access" && <AccessSection />}
      {current === "upkeep" && <UpkeepSection />}
      {current !== "categories" && current !== "access" && current !== "upkeep" && (
        <Section key={current} section={current} settings={settingsOf(current)} />
      )}
    </div>
  );
}

function Section({
  section,
  settings,
}: {
  readonly section: (typeof SECTIONS)[number];
  readonly settings: readonly DescribedSetting[];
}) {
  const say = words.value;
  const asked = useAnswer(async () => api.call("getSettings"), [section]);
  const change = useSignal<Readonly<Record<string, unknown>>>({});
  const answer = asked.data.value;
  if (answer === null) return <Problem text={asked.problem.value} onRetry={asked.refresh} />;
  const known: Readonly<Record<string, unknown>> = answer.settings[section];
  const save = async (): Promise<void> => {
    const went = await attempt(
      // What each setting takes was checked by its field, and is checked by the daemon.
      async () => api.call("changeSettings", { [section]: change.value }),
      say.saved,
    );
    if (!went) return;
    change.value = {};
    asked.refresh();
  };
  const waiting = answer.waitingForRestart.filter((path) => path.startsWith(`${section}.`));
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {waiting.length > 0 && <p class="callout warn">{say.waitingForRestart(waiting.length)}</p>}
      {settings.map((setting) => (
        <SettingField
          key={setting.path}
          setting={setting}
          value={setting.name in change.value ? change.value[setting.name] : known[setting.name]}
          onChange={(value) => {
            change.value = { ...change.value, [setting.name]: value };
          }}
        />
      ))}
      <div class="row">
        <button
          type="submit"
          class="button primary"
          disabled={!may("admin") || Object.keys(change.value).length === 0}
        >
          {say.save}
        </button>
      </div>
    </form>
  );
}
