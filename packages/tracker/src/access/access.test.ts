import assert from "node:assert/strict";
import { test } from "node:test";
import { createAccess, splitPasskey } from "./access.ts";
import { parseAddressList } from "./address-list.ts";
import { parseTorrentList } from "./torrent-list.ts";

const hash = new Uint8Array(20).fill(0xab);
const other = new Uint8Array(20).fill(0xcd);

test("a list of torrents takes v1 and v2 infohashes, remarks and empty lines", () => {
  const list = parseTorrentList(`# ours\n${"AB".repeat(20)}  # a film\n\n${"cd".repeat(32)}\r\n`);
  assert.deepEqual([...list], ["ab".repeat(20), "cd".repeat(20)]);
});

test("a list that cannot be read names the line", () => {
  assert.throws(() => parseTorrentList(`${"ab".repeat(20)}\nabc`), { code: "bad-line", line: 2 });
  assert.throws(() => parseAddressList("10.0.0.0/33"), { code: "bad-line", line: 1 });
  assert.throws(() => parseAddressList("#\n10.0.0"), { code: "bad-line", line: 2 });
  assert.throws(() => parseAddressList("::1/-1"), { code: "bad-line", line: 1 });
});

test("a list of addresses holds networks of any length, of both families", () => {
  const list = parseAddressList("192.0.2.7\n10.0.0.0/8\n172.16.0.0/12\n2001:db8::/33\n0.0.0.0/32");
  for (const address of ["192.0.2.7", "10.255.0.1", "172.31.1.1", "2001:db8:7fff::1"]) {
    assert.equal(list.has(address), true, address);
  }
  for (const address of ["192.0.2.8", "11.0.0.1", "172.32.0.1", "2001:db8:8000::1", "::", "x"]) {
    assert.equal(list.has(address), false, address);
  }
  assert.equal(parseAddressList("0.0.0.0/0").has("8.8.8.8"), true);
  assert.equal(parseAddressList("").has("8.8.8.8"), false);
});

test("rules refuse torrents and addresses in words, and change while the tracker runs", () => {
  const access = createAccess();
  assert.deepEqual(access.admit(hash, "1.2.3.4", null), { account: null });
  access.setRules({ allowedTorrents: parseTorrentList("ab".repeat(20)) });
  assert.deepEqual(access.admit(hash, "1.2.3.4", null), { account: null });
  assert.match(refusalOf(access.admit(other, "1.2.3.4", null)), /torrent is not served/);
  access.setRules({ deniedTorrents: parseTorrentList("ab".repeat(20)) });
  assert.match(refusalOf(access.admit(hash, "1.2.3.4", null)), /torrent is not served/);
  access.setRules({ deniedAddresses: parseAddressList("1.0.0.0/8") });
  assert.match(refusalOf(access.admit(hash, "1.2.3.4", null)), /address is not served/);
  assert.deepEqual(access.admit(hash, "2.2.3.4", null), { account: null });
});

test("the passkey is the first part of the path, or a field of the query", () => {
  const key = "0123456789abcdef";
  assert.deepEqual(splitPasskey(`/${key}/announce?a=1`), {
    path: "/announce",
    query: "a=1",
    passkey: key,
  });
  assert.equal(splitPasskey(`/announce?passkey=${key}&a=1`).passkey, key);
  assert.equal(splitPasskey(`/scrape?a=1&passkey=${key}`).path, "/scrape");
  assert.equal(splitPasskey("/announce").passkey, null);
  assert.equal(splitPasskey(`/${key}/stats`).path, `/${key}/stats`);
  assert.equal(splitPasskey(`/announce?nopasskey=${key}`).passkey, null);
});

function refusalOf(admission: ReturnType<ReturnType<typeof createAccess>["admit"]>): string {
  assert.ok("refusal" in admission);
  return admission.refusal;
}
