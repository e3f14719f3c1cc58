import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { MAX_TYPED_DATA_LENGTH, readTypedData } from "./typed-data.ts";
import { readPermits } from "./permits.ts";

/** EIP-712's own example, with the hash that stands there. */
const MAIL = {
  types: {
    EIP712Domain: [
      { name: "name", type: "string" },
      { name: "version", type: "string" },
      { name: "chainId", type: "uint256" },
      { name: "verifyingContract", type: "address" },
    ],
    Person: [
      { name: "name", type: "string" },
      { name: "wallet", type: "address" },
    ],
    Mail: [
      { name: "from", type: "Person" },
      { name: "to", type: "Person" },
      { name: "contents", type: "string" },
    ],
  },
  primaryType: "Mail",
  domain: {
    name: "Ether Mail",
    version: "1",
    chainId: 1,
    verifyingContract: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
  },
  message: {
    from: { name: "Cow", wallet: "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826" },
    to: { name: "Bob", wallet: "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB" },
    contents: "Hello, Bob!",
  },
};
const MAIL_HASH = "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2";

const TOKEN = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC";
const SPENDER = "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB";
const PERMIT = {
  types: {
    Permit: [
      { name: "owner", type: "address" },
      { name: "spender", type: "address" },
      { name: "value", type: "uint256" },
      { name: "nonce", type: "uint256" },
      { name: "deadline", type: "uint256" },
    ],
  },
  primaryType: "Permit",
  domain: { name: "Token", version: "1", chainId: 1, verifyingContract: TOKEN },
  message: {
    owner: "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826",
    spender: SPENDER,
    value: String(2n ** 256n - 1n),
    nonce: 0,
    deadline: "1700000000",
  },
};

const read = (data: object) => readTypedData(JSON.stringify(data));
const refused = (data: object) =>
  assert.throws(() => read(data), { code: "not-allowed" }, JSON.stringify(data));

suite("structured data (EIP-712)", () => {
  test("the standard's example has the standard's hash, and every value is shown by its path", () => {
    const { digest, typeText, lines, chainId, name } = read(MAIL);
    assert.equal(digest, MAIL_HASH);
    assert.equal(
      typeText,
      "Mail(Person from,Person to,string contents)Person(string name,address wallet)",
    );
    assert.deepEqual([chainId, name], [1, "Ether Mail"]);
    assert.deepEqual(
      lines.map(({ value }) => value),
      [
        "from.name: Cow",
        "from.wallet: 0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826",
        "to.name: Bob",
        "to.wallet: 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB",
        "contents: Hello, Bob!",
      ],
    );
  });

  test("what is not signed is not shown: neither of the message nor of the domain", () => {
    const extended = { ...MAIL, message: { ...MAIL.message, amount: "0, nothing to fear" } };
    const { digest, lines } = read(extended);
    assert.equal(digest, MAIL_HASH);
    assert.ok(!lines.some(({ value }) => value.includes("nothing to fear")));
    const types = { ...MAIL.types, EIP712Domain: [{ name: "name", type: "string" }] };
    const { chainId, contract } = read({ ...MAIL, types });
    assert.deepEqual([chainId, contract], [null, null]);
  });

  test("a number is shown as it is signed, in whatever form it comes", () => {
    const types = { Order: [{ name: "price", type: "uint256" }] };
    const order = (price: unknown) => ({
      domain: {},
      types,
      primaryType: "Order",
      message: { price },
    });
    const forms = [5, "5", "0x5", "0x05"];
    assert.equal(new Set(forms.map((form) => read(order(form)).digest)).size, 1);
    for (const form of forms) assert.equal(read(order(form)).lines[0]?.value, "price: 5");
    for (const form of [1.5, "x", null, {}, [], -1, `0x1${"0".repeat(64)}`]) refused(order(form));
    // A chain that is written as text counts as much as one that is a number.
    const { chainId } = read({ ...order(5), domain: { chainId: "0x1" } });
    assert.equal(chainId, 1);
  });

  test("EIP-2612, Permit2 and DAI: leave to spend is known by all of its type", () => {
    const amount = 2n ** 256n - 1n;
    const expected = { token: TOKEN.toLowerCase(), spender: SPENDER.toLowerCase() };
    assert.deepEqual(readPermits(read(PERMIT)), [
      { ...expected, amount, deadline: 1_700_000_000n },
    ]);
    const permit2 = {
      types: {
        PermitSingle: [
          { name: "details", type: "PermitDetails" },
          { name: "spender", type: "address" },
          { name: "sigDeadline", type: "uint256" },
        ],
        PermitDetails: [
          { name: "token", type: "address" },
          { name: "amount", type: "uint160" },
          { name: "expiration", type: "uint48" },
          { name: "nonce", type: "uint48" },
        ],
      },
      primaryType: "PermitSingle",
      domain: { name: "Permit2", chainId: 1, verifyingContract: SPENDER },
      message: {
        details: { token: TOKEN, amount: "5", expiration: 1_800_000_000, nonce: 0 },
        ...{ spender: SPENDER, sigDeadline: 1_700_000_000 },
      },
    };
    assert.deepEqual(readPermits(read(permit2)), [
      { ...expected, amount: 5n, deadline: 1_800_000_000n },
    ]);
    const named = { ...PERMIT, types: { Permit: PERMIT.types.Permit.slice(0, 3) } };
    assert.equal(readPermits(read(named)), null);
    assert.equal(readPermits(read(MAIL)), null);
  });

  test("what is no such data, or more than anybody reads, is refused", () => {
    refused({});
    refused({ ...MAIL, primaryType: "EIP712Domain" });
    refused({ ...MAIL, primaryType: "constructor" });
    refused({ ...MAIL, message: { ...MAIL.message, to: "Bob" } });
    refused({ ...MAIL, message: { ...MAIL.message, contents: 5 } });
    refused({ ...MAIL, domain: { ...MAIL.domain, chainId: "one" } });
    refused({ ...MAIL, message: { ...MAIL.message, contents: "x".repeat(MAX_TYPED_DATA_LENGTH) } });
    const list = { Many: [{ name: "all", type: "uint8[]" }] };
    refused({
      domain: {},
      types: list,
      primaryType: "Many",
      message: { all: Array(2000).fill(1) },
    });
    const deep = { Node: [{ name: "next", type: "Node[]" }] };
    let node: object = { next: [] };
    for (let depth = 0; depth < 40; depth++) node = { next: [node] };
    refused({ domain: {}, types: deep, primaryType: "Node", message: node });
  });

  test("whatever is sent is read or refused by name", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.json({ maxDepth: 4 }), (types, message) => {
        const text = `{"domain":{},"primaryType":"A","types":{"A":${types}},"message":${message}}`;
        try {
          readTypedData(text);
        } catch (error) {
          assert.equal((error as { code?: string }).code, "not-allowed");
        }
      }),
    );
  });
});
