import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { TextField } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { hrefTo } from "../state/route.ts";
import { describeError } from "../state/notices.ts";
import { refreshSession } from "../state/session.ts";
import { words } from "../words/words.ts";

/** Asks for the password of the daemon. */
export function SignInPage() {
  const say = words.value;
  const password = useSignal("");
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const signIn = async (): Promise<void> => {
    isBusy.value = true;
    problem.value = null;
    try {
      await api.call("signIn", { password: password.value });
      await refreshSession();
    } catch (error) {
      problem.value = describeError(error);
    }
    password.value = "";
    isBusy.value = false;
  };
  return (
    <main class="centered">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <h1>{say.signIn}</h1>
        <p class="quiet">{say.signInHint}</p>
        <TextField
          label={say.password}
          type="password"
          autocomplete="current-password"
          required
          autofocus
          value={password.value}
          onValue={(value) => {
            password.value = value;
          }}
        />
        <Problem text={problem.value} />
        <button type="submit" class="button primary" disabled={isBusy.value}>
          {say.signIn}
        </button>
        <a class="small" href={hrefTo("connect")}>
          {say.useKey}
        </a>
      </form>
    </main>
  );
}
