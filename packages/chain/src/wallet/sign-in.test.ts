import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { toAddress } from "../network/address.ts";
import { checkSignIn, readSignIn, type SignIn } from "./sign-in.ts";

const ADDRESS = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2";

/** The standard's own example. */
const EXAMPLE = [
  "example.com wants you to sign in with your Ethereum account:",
  ADDRESS,
  "",
  "I accept the ExampleOrg Terms of Service: https://example.com/tos",
  "",
  "URI: https://example.com/login",
  "Version: 1",
  "Chain ID: 1",
  "Nonce: 32891756",
  "Issued At: 2021-09-30T16:25:24Z",
  "Resources:",
  "- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/",
  "- https://example.com/my-web2-claim.json",
].join("\n");

const PLACE = {
  origin: "https://example.com",
  address: toAddress(ADDRESS),
  chainId: 1,
  nowMs: Date.parse("2021-10-01T00:00:00Z"),
};

function read(text: string): SignIn {
  const signIn = readSignIn(text);
  assert.ok(signIn !== null && signIn !== "broken", text);
  return signIn;
}

function codes(text: string, place: Partial<typeof PLACE> = {}): string[] {
  return checkSignIn(read(text), { ...PLACE, ...place }).map(({ code, isGrave }) =>
    isGrave ? `${code}!` : code,
  );
}

suite("signing in (ERC-4361)", () => {
  test("the standard's examples are read, and fit the sites that they are of", () => {
    const { lines } = read(EXAMPLE);
    assert.deepEqual(lines.slice(0, 3), [
      { label: "domain", value: "example.com" },
      { label: "account", value: ADDRESS },
      {
        label: "statement",
        value: "I accept the ExampleOrg Terms of Service: https://example.com/tos",
      },
    ]);
    assert.equal(lines.filter(({ label }) => label === "resource").length, 2);
    assert.deepEqual(codes(EXAMPLE), []);
    assert.deepEqual(codes(`https://${EXAMPLE}`), []);
    const withPort = EXAMPLE.replace("example.com wants", "example.com:3388 wants");
    assert.deepEqual(codes(withPort, { origin: "https://example.com:3388" }), []);
    assert.deepEqual(codes(withPort), ["other-domain!"]);
  });

  test("one for another site than the one that asks is a grave matter", () => {
    const places = [
      "https://evil.example",
      "https://example.com.evil.example",
      "https://login.example.com",
      "https://example.com:444",
    ];
    for (const origin of places) assert.deepEqual(codes(EXAMPLE, { origin }), ["other-domain!"]);
    const elsewhere = EXAMPLE.replace("example.com wants", "example.com@evil.example wants");
    assert.deepEqual(codes(elsewhere), ["other-domain!"]);
    assert.deepEqual(codes(`http://${EXAMPLE}`), ["other-domain!"]);
    // A page under development names its host alone.
    const local = EXAMPLE.replace("example.com wants", "localhost:5173 wants");
    assert.deepEqual(codes(local, { origin: "http://localhost:5173" }), []);
  });

  test("another account, another chain, and a time that is over are told", () => {
    assert.deepEqual(codes(EXAMPLE, { address: toAddress(`0x${"12".repeat(20)}`) }), [
      "other-account!",
    ]);
    assert.deepEqual(codes(EXAMPLE, { chainId: 5 }), ["other-chain"]);
    const ended = EXAMPLE.replace(
      "\nResources:",
      "\nExpiration Time: 2021-09-30T17:00:00Z\nResources:",
    );
    assert.deepEqual(codes(ended), ["not-in-time"]);
  });

  test("what looks like a sign-in and is none is broken, however little differs", () => {
    const broken = [
      EXAMPLE.replace("Version: 1", "Version: 2"),
      EXAMPLE.replace("Nonce: 32891756", "Nonce: 328"),
      EXAMPLE.replace("\nChain ID: 1", ""),
      EXAMPLE.replace("URI: ", "uri: "),
      EXAMPLE.replace(ADDRESS, "0x1234"),
      EXAMPLE.replace("I accept", "I accept\nURI: https://other.example"),
      EXAMPLE.replace("I accept", "I \u202eaccept"),
      `${EXAMPLE}\nmore`,
      `Hello.\n${EXAMPLE}`,
      EXAMPLE.replace("sign in with", "sign\nin with"),
    ];
    for (const text of broken) assert.equal(readSignIn(text), "broken", text);
    assert.equal(readSignIn("Hello, sign this please."), null);
  });

  test("no text holds it up", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (text) => {
        assert.notEqual(
          readSignIn(`${text} wants you to sign in with your Ethereum account:${text}`),
          null,
        );
      }),
      { numRuns: 200 },
    );
    const long = `${EXAMPLE.replace("\nResources:", `\nResources:${"\n- a".repeat(20_000)}`)} `;
    assert.equal(readSignIn(long), "broken");
  });
});
