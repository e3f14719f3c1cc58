import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { TextField } from "../parts/field.tsx";
import { HashText } from "../parts/hash-text.tsx";
import { SortTable } from "../parts/sort-table.tsx";
import { attempt } from "../state/notices.ts";
import { useAnswer } from "../state/use-answer.ts";
import { networkName } from "./wallet-state.ts";
import { words } from "../words/words.ts";

/** Addresses with names: whoever pays somebody again should not have to read hexadecimal. */
export function Contacts({ wallet }: { readonly wallet: string }) {
  const say = words.value;
  const asked = useAnswer(async () => api.call("listContacts", { name: wallet }), [wallet]);
  const label = useSignal("");
  const address = useSignal("");
  const contacts = asked.data.value?.contacts ?? [];
  const add = async (): Promise<void> => {
    const went = await attempt(async () =>
      api.call("setContact", {
        name: wallet,
        label: label.value.trim(),
        address: address.value.trim(),
        network: networkName.value,
      }),
    );
    if (!went) return;
    label.value = "";
    address.value = "";
    asked.refresh();
  };
  return (
    <section class="card" aria-label={say.contacts}>
      <h2>{say.contacts}</h2>
      {contacts.length === 0 ? (
        <p class="quiet">{say.noContacts}</p>
      ) : (
        <SortTable
          name={say.contacts}
          rows={contacts}
          keyOf={(contact) => contact.address}
          columns={[
            {
              id: "name",
              head: say.name,
              by: (contact) => contact.name,
              isLong: true,
              cell: (contact) => <bdi>{contact.name}</bdi>,
            },
            {
              id: "address",
              head: say.address,
              cell: (contact) => <HashText text={contact.address} name={say.address} />,
            },
            {
              id: "remove",
              head: "",
              isEnd: true,
              cell: (contact) => (
                <button
                  type="button"
                  class="button link"
                  aria-label={say.removeThis(contact.name)}
                  onClick={() =>
                    void attempt(async () => {
                      await api.call("removeContact", { name: wallet, address: contact.address });
                      asked.refresh();
                    })
                  }
                >
                  {say.remove}
                </button>
              ),
            },
          ]}
        />
      )}
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <div class="grow">
          <TextField
            label={say.name}
            required
            value={label.value}
            onValue={(value) => {
              label.value = value;
            }}
          />
        </div>
        <div class="grow">
          <TextField
            label={say.address}
            required
            value={address.value}
            onValue={(value) => {
              address.value = value;
            }}
          />
        </div>
        <button type="submit" class="button">
          {say.add}
        </button>
      </form>
    </section>
  );
}
