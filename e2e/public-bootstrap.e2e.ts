import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { needClients, openScope } from "./clients.ts";
import { Shoal } from "./shoal.ts";
import { createUplinks, SERVER, startServices } from "./uplinks.ts";

suite("the public hosts of the DHT", await needClients("iproute2"), () => {
  test("let in whoever names nobody, by the names that the interface's name server knows; publish and follow meet there", async (t) => {
    const scope = openScope(t);
    const uplinks = await createUplinks(scope);
    const [folder, mirror] = [await scope.folder(), await scope.folder()];
    await mkdir(join(folder, "site"));
    await writeFile(join(folder, "site/news.txt"), "one");
    // To this name server every name is the server, where the only node of the world listens.
    await startServices(scope, uplinks.server, folder);
    const publisher = await Shoal.start(
      scope,
      ["publish", `${folder}/site`, "--key", `${folder}/key`, "--host", SERVER, "--port", "6881"],
      { namespace: uplinks.server },
    );
    const { link } = await publisher.waitForEvent("listening");
    const bound = ["--interface", "up0", "--name-server", SERVER, "--no-lsd"];
    const follower = await Shoal.start(
      scope,
      ["follow", String(link), "--dir", mirror, "--poll", "1", ...bound],
      { namespace: uplinks.machine, env: { SHOAL_DHT_BOOTSTRAP: undefined } },
    );
    await follower.waitForEvent("followed");
    assert.equal(await readFile(join(mirror, "site/news.txt"), "utf8"), "one");
    const table = ["dht", "table", ...bound.slice(0, -1)];
    const asked = await Shoal.start(scope, table, {
      namespace: uplinks.machine,
      env: { SHOAL_DHT_BOOTSTRAP: undefined },
    });
    assert.equal((await asked.whenEnded()).exit.code, 0, asked.tail);
    const alone = await Shoal.start(scope, table, { namespace: uplinks.machine });
    assert.equal((await alone.whenEnded()).exit.code, 4, alone.tail);
    assert.equal(await uplinks.spilled(), 0, "packets left by the other interface");
  });
});
