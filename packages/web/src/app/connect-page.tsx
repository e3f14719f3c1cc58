import { useSignal } from "@preact/signals";
import { goToPlace, place } from "../browser/connection.ts";
import { TextField } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { go } from "../state/route.ts";
import { refreshSession, session } from "../state/session.ts";
import { words } from "../words/words.ts";

/** Where the daemon is and with which key it is asked: for pages of another origin, or when nobody answers. */
export function ConnectPage() {
  const say = words.value;
  const origin = useSignal(place.value.origin);
  const key = useSignal("");
  const problem = useSignal<string | null>(null);
  const connect = async (): Promise<void> => {
    problem.value = null;
    let wanted = "";
    if (origin.value.trim() !== "") {
      try {
        wanted = new URL(origin.value.trim()).origin;
      } catch {
        problem.value = say.originProblem;
        return;
      }
    }
    goToPlace({ origin: wanted, key: key.value.trim() === "" ? null : key.value.trim() });
    await refreshSession();
    const answer = session.value;
    if (typeof answer === "string") problem.value = say.daemonSilent;
    else if (answer.scopes.length === 0) problem.value = say.keyRefused;
    else go("torrents");
  };
  return (
    <main class="centered">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void connect();
        }}
      >
        <h1>{say.connectTitle}</h1>
        <p class="quiet">{session.value === "silent" ? say.daemonSilentHint : say.connectHint}</p>
        <TextField
          label={say.daemonAddress}
          type="url"
          autocomplete="url"
          placeholder="http://127.0.0.1:9550"
          hint={say.daemonAddressHint}
          value={origin.value}
          onValue={(value) => {
            origin.value = value;
          }}
        />
        <TextField
          label={say.apiKey}
          type="password"
          autocomplete="off"
          hint={say.apiKeyHint}
          value={key.value}
          onValue={(value) => {
            key.value = value;
          }}
        />
        <Problem text={problem.value} />
        <div class="row">
          <button type="submit" class="button primary">
            {say.connect}
          </button>
          <button
            type="button"
            class="button"
            onClick={() => {
              goToPlace(null);
              go("torrents");
              void refreshSession();
            }}
          >
            {say.connectHere}
          </button>
        </div>
      </form>
    </main>
  );
}
