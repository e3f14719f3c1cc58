import {
  deployContracts,
  type DeployParameters,
  estimateDeployment,
  formatAmount,
  type Network,
  parseAmount,
  UnlockedWallet,
  verifyContracts,
} from "@shoal/chain";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { askConsent } from "../process/ask-consent.ts";
import {
  type NetworkOptions,
  type WalletOptions,
  withAccount,
  withNetwork,
} from "../wallet/open-wallet.ts";
import { readSecret } from "../wallet/secrets.ts";
import {
  type AddressBook,
  addressBookPath,
  contractsOn,
  readAddressBook,
  writeAddressBook,
} from "./address-book.ts";

export interface DeployFlags extends WalletOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly owner?: string;
  readonly passPrice: string;
}

/** `shoal contracts deploy`. */
export async function runDeploy(options: DeployFlags, context: CommandContext): Promise<ExitCode> {
  return await withAccount(
    context,
    options,
    async ({ network, sender, address, file, account }) => {
      const { output, signal } = context;
      const { chainId, coin, title } = network.info;
      let book = await readAddressBook(context);
      const begun = book[chainId];
      const owner =
        options.owner === undefined
          ? (begun?.owner ?? address)
          : network.parseAddress(options.owner);
      const startS = begun?.startS ?? Math.floor((await network.head()).latest.timeMs / 1000);
      const parameters: DeployParameters = {
        owner,
        startS,
        passPriceWei: parseAmount(options.passPrice, 18),
      };
      const known = contractsOn(book, chainId);
      const plan = await estimateDeployment({ network, parameters, known, from: address });
      const show = (fee: bigint) => `${formatAmount(fee, coin.decimals)} ${coin.symbol}`;
      const lines = plan.map(({ name, address: place, state, fee }) => {
        const where = place === null ? "" : ` at ${network.formatAddress(place)}`;
        return `${name}${where}: ${state === "there" ? "is there" : `about ${show(fee)}`}`;
      });
      const total = plan.reduce((sum, { fee }) => sum + fee, 0n);
      const summary = `on ${title}, owned by ${network.formatAddress(owner)}, about ${show(total)} in all`;
      if (options.dryRun === true) {
        for (const line of [...lines, summary]) output.data(line);
        output.result({
          network: network.info.name,
          contracts: plan.map(toJson),
          cost: formatAmount(total, coin.decimals),
        });
        return EXIT.ok;
      }
      await askConsent(context, [...lines, summary], {
        isGranted: options.yes === true,
        word: null,
      });
      const password = await readSecret("the password", "--password-file", options.passwordFile);
      const unlocked = await UnlockedWallet.unlock(file, password);
      try {
        // What it was begun with is written down first: another start would be other addresses.
        book = { ...book, [chainId]: { contracts: begun?.contracts ?? {}, owner, startS } };
        await writeAddressBook(context, book);
        const done = await deployContracts({
          network,
          sender,
          signer: await unlocked.signer(account, network.info.slip44),
          parameters,
          known,
          signal,
          async onDeployed({ name, address: place, state }) {
            if (place === null) return;
            output.note(`${name}  ${network.formatAddress(place)}  ${state}`);
            book = withContract(book, chainId, name, place);
            await writeAddressBook(context, book);
          },
        });
        for (const { name, address: place } of done)
          output.data(`${name}  ${network.formatAddress(place!)}`);
        output.result({
          network: network.info.name,
          contracts: done.map(toJson),
          cost: formatAmount(
            done.reduce((sum, { fee }) => sum + fee, 0n),
            coin.decimals,
          ),
        });
        return EXIT.ok;
      } finally {
        unlocked.lock();
      }
    },
  );

  function toJson({
    name,
    address,
    state,
    fee,
  }: Awaited<ReturnType<typeof estimateDeployment>>[number]) {
    return { name, address, state, fee: fee.toString() };
  }
}

/** `shoal contracts verify`. */
export async function runVerify(
  options: NetworkOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withNetwork(context, options, async ({ network }) => {
    const { book, addresses } = await addressesOn(network, context);
    const begun = book[network.info.chainId];
    const checked = await verifyContracts(
      network,
      { owner: Object.values(addresses)[0]!, startS: begun?.startS ?? 0, passPriceWei: 1n },
      addresses,
    );
    const { output } = context;
    for (const { name, address, isVerified } of checked) {
      output.data(
        `${name}  ${network.formatAddress(address)}  ${isVerified ? "as compiled" : "is something else"}`,
      );
    }
    output.result({ network: network.info.name, contracts: checked });
    const wrong = checked.filter(({ isVerified }) => !isVerified);
    if (wrong.length === 0) return EXIT.ok;
    const names = wrong.map(({ name }) => name).join(", ");
    throw new CliError("verification-failed", `not as compiled: ${names}`);
  });
}

/** `shoal contracts addresses`. */
export async function runAddresses(
  options: NetworkOptions,
  context: CommandContext,
): Promise<ExitCode> {
  return await withNetwork(context, options, async ({ network }) => {
    const { addresses } = await addressesOn(network, context);
    const { output } = context;
    for (const [name, address] of Object.entries(addresses)) {
      output.data(`${name}  ${network.formatAddress(address)}`);
    }
    output.result({
      network: network.info.name,
      chainId: network.info.chainId,
      contracts: addresses,
    });
    return EXIT.ok;
  });
}

async function addressesOn(network: Network, context: CommandContext) {
  const book = await readAddressBook(context);
  const addresses = contractsOn(book, network.info.chainId);
  if (Object.keys(addresses).length === 0) {
    throw new CliError(
      "not-found",
      `nothing of Shoal is known on ${network.info.title}, nor in ${addressBookPath(context)}: shoal contracts deploy`,
    );
  }
  return { book, addresses };
}

function withContract(
  book: AddressBook,
  chainId: number,
  name: string,
  address: AddressBook[string]["contracts"][string],
): AddressBook {
  const begun = book[chainId] ?? { contracts: {} };
  return { ...book, [chainId]: { ...begun, contracts: { ...begun.contracts, [name]: address } } };
}
