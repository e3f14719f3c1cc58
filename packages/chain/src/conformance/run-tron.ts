import { readFile } from "node:fs/promises";
import { createHash, randomBytes } from "node:crypto";
import { createNodeRuntime } from "@shoal/runtime/node";
import { KeySigner, parsePrivateKey } from "../accounts/key-signer.ts";
import { toAddress } from "../network/address.ts";
import { openTron } from "../networks/open-tron.ts";
import { parseTronAddress } from "../tron/address.ts";
import { testTron } from "./tron-conformance.ts";

/**
 * Runs the suite against a network that exists, Nile when nothing else is said. The package's README says what
 * the variables mean.
 */
const {
  SHOAL_TRON_URL: url = "https://nile.trongrid.io",
  SHOAL_TRON_NETWORK: name = "tron-nile",
  SHOAL_TRON_KEY_FILE: keyFile,
  SHOAL_TRON_FRIEND: friend,
  SHOAL_TRON_API_KEY: tronApiKey,
} = process.env;

if (keyFile === undefined) {
  throw new Error("Name a file that holds a private key: SHOAL_TRON_KEY_FILE=key.hex");
}
/** Keeps what the rich one sends within reach. */
const friendOf = (key: string) =>
  new KeySigner(parsePrivateKey(createHash("sha256").update(`friend of ${key}`).digest("hex")));
const richKey = (await readFile(keyFile, "utf8")).trim().replace(/^0x/, "");

testTron(`${name} at ${URL.parse(url)?.host ?? "?"}`, async () => {
  const runtime = await createNodeRuntime({ keepsAlive: true });
  const { http, clock, store } = runtime;
  const key = tronApiKey === undefined ? {} : { tronApiKey };
  const network = await openTron(name, { http, clock, rpcUrls: [url], ...key });
  if (network === null) throw new Error(`${name} is no network of TRON`);
  return {
    network,
    url,
    rich: new KeySigner(parsePrivateKey(richKey)),
    richKey,
    friend: friend === undefined ? friendOf(richKey).address : parseTronAddress(friend),
    stranger: () => toAddress(`0x${randomBytes(20).toString("hex")}`),
    store,
    clock,
    // Its producers do.
    mine: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      await network.close();
      await runtime.close();
    },
  };
});
