import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { Field, TextField } from "../parts/field.tsx";
import { attempt, tell } from "../state/notices.ts";
import { may, node } from "../state/session.ts";
import { describeCode } from "../words/describe-problem.ts";
import { words } from "../words/words.ts";

/** What runs, a copy of its state, and taking over another client's torrents. */
export function UpkeepSection() {
  return (
    <>
      <About />
      {may("admin") && <Backup />}
      {may("admin") && <Import />}
    </>
  );
}

function About() {
  const say = words.value;
  const known = node.value;
  const { dateTime, bytes } = format.value;
  if (known === null) return null;
  const facts: readonly (readonly [string, string])[] = [
    [say.version, known.version],
    [say.runningSince, dateTime(known.startedAtMs)],
    [say.memory, bytes(known.memoryBytes)],
    [say.dataFolder, known.dataFolder],
    [say.downloadFolder, known.downloadFolder],
    [say.network, known.chain?.network ?? "–"],
  ];
  return (
    <section class="card" aria-label={say.thisNode}>
      <h2>{say.thisNode}</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Backup() {
  const say = words.value;
  const path = useSignal("");
  const { bytes } = format.value;
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(async () => {
          const made = await api.call("makeBackup", { path: path.value });
          tell(say.backupMade(made.path, bytes(made.lengthBytes)));
        });
      }}
    >
      <h2>{say.backup}</h2>
      <p class="quiet">{say.backupHint}</p>
      <TextField
        label={say.backupPath}
        required
        placeholder="/home/me/shoal.backup"
        value={path.value}
        onValue={(value) => {
          path.value = value;
        }}
      />
      <div>
        <button type="submit" class="button">
          {say.makeBackup}
        </button>
      </div>
    </form>
  );
}

function Import() {
  const say = words.value;
  const from = useSignal<"qbittorrent" | "transmission">("qbittorrent");
  const folder = useSignal("");
  const run = async (dryRun: boolean): Promise<void> => {
    await attempt(async () => {
      const { added, known, failed } = await api.call("importTorrents", {
        from: from.value,
        folder: folder.value,
        dryRun,
      });
      tell((dryRun ? say.wouldImport : say.imported)(added, known));
      for (const { name, error, code } of failed.slice(0, 3))
        tell(`${name}: ${describeCode(code, error, say)}`, "bad");
    });
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void run(false);
      }}
    >
      <h2>{say.importTitle}</h2>
      <p class="quiet">{say.importHint}</p>
      <Field label={say.importFrom}>
        {(tie) => (
          <select
            {...tie}
            value={from.value}
            onChange={(event) => {
              from.value =
                event.currentTarget.value === "transmission" ? "transmission" : "qbittorrent";
            }}
          >
            <option value="qbittorrent">qBittorrent</option>
            <option value="transmission">Transmission</option>
          </select>
        )}
      </Field>
      <TextField
        label={say.importFolder}
        required
        value={folder.value}
        onValue={(value) => {
          folder.value = value;
        }}
      />
      <div class="row">
        <button type="submit" class="button">
          {say.importNow}
        </button>
        <button
          type="button"
          class="button plain"
          disabled={folder.value === ""}
          onClick={() => void run(true)}
        >
          {say.importTry}
        </button>
      </div>
    </form>
  );
}
