import { useSignal } from "@preact/signals";
import { SCOPES, type Scope } from "@shoal/api/client";
import { api } from "../browser/connection.ts";
import { format } from "../format/format.ts";
import { CheckField, TextField } from "../parts/field.tsx";
import { HashText } from "../parts/hash-text.tsx";
import { Problem } from "../parts/problem.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt } from "../state/notices.ts";
import { may, refreshSession, session } from "../state/session.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";

/** The password, and keys for programs and for pages of other origins. */
export function AccessSection() {
  return (
    <>
      <PasswordForm />
      {may("admin") && <Keys />}
    </>
  );
}

function PasswordForm() {
  const say = words.value;
  const current = useSignal("");
  const next = useSignal("");
  const answer = session.value;
  const isFirst = typeof answer !== "string" && answer.needsPassword;
  const isSignedIn = typeof answer !== "string" && answer.signedIn;
  const change = async (): Promise<void> => {
    await attempt(async () => {
      await api.call("setPassword", {
        password: next.value,
        ...(!isFirst && { current: current.value }),
      });
      await refreshSession();
    }, say.saved);
    current.value = "";
    next.value = "";
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void change();
      }}
    >
      <h2>{isFirst ? say.setPassword : say.changePassword}</h2>
      {!isFirst && (
        <TextField
          label={say.currentPassword}
          type="password"
          autocomplete="current-password"
          required
          value={current.value}
          onValue={(value) => {
            current.value = value;
          }}
        />
      )}
      <TextField
        label={say.newPassword}
        type="password"
        autocomplete="new-password"
        required
        minLength={8}
        hint={say.passwordHint}
        value={next.value}
        onValue={(value) => {
          next.value = value;
        }}
      />
      <div class="row">
        <button type="submit" class="button primary" disabled={next.value.length < 8}>
          {say.save}
        </button>
        {isSignedIn && (
          <button
            type="button"
            class="button"
            onClick={() =>
              void attempt(async () => {
                await api.call("signOut");
                await refreshSession();
              })
            }
          >
            {say.signOut}
          </button>
        )}
      </div>
    </form>
  );
}

function Keys() {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listKeys"), []);
  const name = useSignal("");
  const scopes = useSignal<readonly Scope[]>(["read"]);
  const secret = useSignal<string | null>(null);
  const { dateTime } = format.value;
  const keys = asked.data.value?.keys ?? [];
  const create = async (): Promise<void> => {
    await attempt(async () => {
      const made = await api.call("createKey", { name: name.value, scopes: [...scopes.value] });
      secret.value = made.secret;
      name.value = "";
      asked.refresh();
    });
  };
  return (
    <section class="card" aria-label={say.apiKeys}>
      <h2>{say.apiKeys}</h2>
      <p class="quiet">{say.apiKeysHint}</p>
      <Problem text={asked.problem.value} onRetry={asked.refresh} />
      {keys.length > 0 && (
        <SortTable
          name={say.apiKeys}
          rows={keys}
          keyOf={({ id }) => id}
          columns={[
            { id: "name", head: say.name, isLong: true, cell: (key) => <bdi>{key.name}</bdi> },
            {
              id: "scopes",
              head: say.scopesHead,
              cell: (key) => (
                <span class="row">
                  {key.scopes.map((scope) => (
                    <span key={scope} class={`tag ${scope === "wallet" ? "warn" : ""}`}>
                      {say.scopes[scope]}
                    </span>
                  ))}
                </span>
              ),
            },
            {
              id: "used",
              head: say.lastUsed,
              isEnd: true,
              cell: ({ lastUsedAtMs }) =>
                lastUsedAtMs === null ? say.never : dateTime(lastUsedAtMs),
            },
            {
              id: "revoke",
              head: "",
              isEnd: true,
              cell: (key) => (
                <button
                  type="button"
                  class="button link"
                  aria-label={say.revokeThis(key.name)}
                  onClick={() =>
                    void attempt(async () => {
                      await api.call("revokeKey", { id: key.id });
                      asked.refresh();
                    })
                  }
                >
                  {say.revoke}
                </button>
              ),
            },
          ]}
        />
      )}
      {secret.value !== null && (
        <div class="callout good">
          <div class="stack-s">
            <span>{say.secretOnce}</span>
            <HashText text={secret.value} name={say.apiKey} isWhole />
          </div>
        </div>
      )}
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <TextField
          label={say.keyName}
          required
          value={name.value}
          onValue={(value) => {
            name.value = value;
          }}
        />
        <fieldset class="stack-s">
          <legend class="label">{say.scopesHead}</legend>
          {SCOPES.map((scope) => (
            <CheckField
              key={scope}
              label={say.scopes[scope]}
              hint={say.scopeHints[scope]}
              isOn={scopes.value.includes(scope)}
              onChange={(isOn) => {
                scopes.value = SCOPES.filter((each) =>
                  each === scope ? isOn : scopes.value.includes(each),
                );
              }}
            />
          ))}
        </fieldset>
        <div>
          <button type="submit" class="button" disabled={scopes.value.length === 0}>
            {say.makeKey}
          </button>
        </div>
      </form>
    </section>
  );
}
