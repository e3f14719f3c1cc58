import { useSignal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Problem } from "../parts/problem.tsx";
import { describeError } from "../state/notices.ts";
import type { Site } from "../state/site-requests.ts";
import { useAnswer } from "../state/use-answer.ts";
import { words } from "../words/words.ts";
import { AccountChoice, type Choice } from "./account-choice.tsx";
import { OriginText } from "./origin-text.tsx";

/** Shows a site another account or network; it is told at once. */
export function ChangeSite({
  site,
  onClose,
}: {
  readonly site: Site;
  readonly onClose: () => void;
}) {
  const say = words.value;
  const { id, origin, wallet, account, network } = site;
  const choice = useSignal<Choice>({ wallet, account, network });
  const problem = useSignal<string | null>(null);
  const asked = useAnswer(async () => api.call("listWallets"), []);
  const save = async (): Promise<void> => {
    try {
      await api.call("changeSite", { id, ...choice.value });
      onClose();
    } catch (error) {
      problem.value = describeError(error);
    }
  };
  return (
    <Dialog
      title={say.changeSiteTitle}
      onClose={onClose}
      onSubmit={() => void save()}
      foot={
        <>
          <button type="button" class="button" onClick={onClose}>
            {say.cancel}
          </button>
          <button type="submit" class="button primary">
            {say.save}
          </button>
        </>
      }
    >
      <OriginText origin={origin} />
      <AccountChoice choice={choice} wallets={asked.data.value?.wallets ?? []} />
      <Problem text={problem.value ?? asked.problem.value} />
    </Dialog>
  );
}
