import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { MainData, type MainState, MAX_CLIENTS } from "./main-data.ts";

const STATE: MainState = {
  torrents: { aa: { name: "one", dlspeed: 5 }, bb: { name: "two", dlspeed: 0 } },
  categories: { tv: { name: "tv", savePath: "" } },
  tags: ["x"],
  trackers: { "udp://a": ["aa"] },
  server_state: { dl_info_speed: 5, dht_nodes: 1 },
};

suite("sync/maindata", () => {
  test("the first answer tells everything", () => {
    assert.deepEqual(new MainData().answer("a", 0, STATE), {
      rid: 1,
      full_update: true,
      ...STATE,
    });
  });

  test("later answers tell what is different, and what is gone", () => {
    const data = new MainData();
    data.answer("a", 0, STATE);
    const now: MainState = {
      torrents: { aa: { name: "one", dlspeed: 6 }, cc: { name: "three", dlspeed: 0 } },
      categories: { films: { name: "films", savePath: "/f" } },
      tags: ["y"],
      trackers: { "udp://a": ["aa", "cc"] },
      server_state: { dl_info_speed: 6, dht_nodes: 1 },
    };
    assert.deepEqual(data.answer("a", 1, now), {
      rid: 2,
      torrents: { aa: { dlspeed: 6 }, cc: { name: "three", dlspeed: 0 } },
      torrents_removed: ["bb"],
      categories: { films: { name: "films", savePath: "/f" } },
      categories_removed: ["tv"],
      tags: ["y"],
      tags_removed: ["x"],
      trackers: { "udp://a": ["aa", "cc"] },
      server_state: { dl_info_speed: 6 },
    });
    assert.deepEqual(data.answer("a", 2, now), { rid: 3 });
  });

  test("who lost an answer is told everything", () => {
    const data = new MainData();
    data.answer("a", 0, STATE);
    data.answer("a", 1, STATE);
    assert.equal(data.answer("a", 1, STATE)["full_update"], true);
    assert.equal(data.answer("b", 2, STATE)["full_update"], true);
  });

  test("clients that are remembered are bounded; the rest are told everything", () => {
    const data = new MainData();
    const { rid } = data.answer("first", 0, STATE);
    for (let count = 0; count < MAX_CLIENTS; count++) data.answer(`other ${count}`, 0, STATE);
    assert.equal(data.answer("first", rid as number, STATE)["full_update"], true);
  });
});
