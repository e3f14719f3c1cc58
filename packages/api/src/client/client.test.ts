import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiError, createClient, describeRequest } from "./client.ts";

suite("client", () => {
  test("input goes into the path, and the rest into the query of a GET", () => {
    assert.deepEqual(describeRequest("listFiles", { infoHash: "ab" }), {
      method: "GET",
      target: "/api/v1/torrents/ab/files",
    });
    assert.deepEqual(describeRequest("listTorrents", { limit: 5, search: "a b&c" }), {
      method: "GET",
      target: "/api/v1/torrents?limit=5&search=a+b%26c",
    });
  });

  test("the rest goes into the body of other methods", () => {
    const { target, body } = describeRequest("setCategory", { name: "a/b", uploadLimit: null });
    assert.equal(target, "/api/v1/categories/a%2Fb");
    assert.equal(body, '{"uploadLimit":null}');
  });

  test("an answer that is an error is thrown with its code", async () => {
    const client = createClient(async () => ({
      status: 404,
      text: async () => '{"code":"not-found","message":"No such torrent."}',
    }));
    await assert.rejects(client.call("getTorrent", { infoHash: "ab" }), (error) => {
      return error instanceof ApiError && error.code === "not-found" && error.status === 404;
    });
  });

  test("what has read an answer already is believed, so that one that still holds stays the same object", async () => {
    const answer = { categories: [] };
    const client = createClient(async () => ({
      status: 200,
      text: async () => "",
      json: async () => answer,
    }));
    assert.equal(await client.call("listCategories"), answer);
  });

  test("an answer that says nothing readable is an error too", async () => {
    const client = createClient(async () => ({ status: 502, text: async () => "<html>" }));
    await assert.rejects(client.call("getTransfer"), { code: "bad-answer" });
  });
});
