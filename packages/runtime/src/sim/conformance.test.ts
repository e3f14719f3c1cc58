import { testClock } from "../conformance/clock-conformance.ts";
import { testDisk } from "../conformance/disk-conformance.ts";
import { testStreams } from "../conformance/net-conformance.ts";
import { testJournal } from "../conformance/journal-conformance.ts";
import { testParking } from "../conformance/parking-conformance.ts";
import { testPlaces } from "../conformance/places-conformance.ts";
import { testStore } from "../conformance/store-conformance.ts";
import { testDatagrams } from "../conformance/udp-conformance.ts";
import { testHttp } from "../conformance/http-conformance.ts";
import { testWebSockets } from "../conformance/web-socket-conformance.ts";
import { createWorld } from "./world.ts";

/** A host of its own for each test, and time that passes until the test's body is done. */
async function createFixture() {
  const world = createWorld({ seed: 1 });
  const host = world.host({ address: ["10.0.0.1", "2001:db8::1"], poolBytes: 4 * 1024 * 1024 });
  return {
    world,
    host,
    run: (body: () => Promise<void>) => world.complete(body()),
    close: () => world.complete(host.close()),
  };
}

testClock("sim", async () => {
  const { host, run, close } = await createFixture();
  return { ports: { clock: host.clock }, run, close };
});

for (const address of ["127.0.0.1", "10.0.0.1", "2001:db8::1"]) {
  const create = async () => {
    const { host, run, close } = await createFixture();
    return { ports: { net: host.net, host: address }, run, close };
  };
  testStreams(`sim (${address})`, create);
  testDatagrams(`sim (${address})`, create);
}

testHttp("sim", async () => {
  const { host, run, close } = await createFixture();
  const { http, net } = host;
  return { ports: { http, net, host: "10.0.0.1", socketPath: "/run/shoal.sock" }, run, close };
});

testWebSockets("sim", async () => {
  const { host, run, close } = await createFixture();
  return { ports: { http: host.http, host: "10.0.0.1" }, run, close };
});

async function createDiskFixture() {
  const { host, run, close } = await createFixture();
  return { ports: { disk: host.disk, folder: "/data" }, run, close };
}

testDisk("sim", createDiskFixture);
testJournal("sim", createDiskFixture);
testParking("sim", createDiskFixture);
testPlaces("sim", createDiskFixture);

testStore("sim", async () => {
  const { world, host, run } = await createFixture();
  let current = host;
  return {
    ports: {
      openStore() {
        // Opening the same database anew is the program's restart.
        current.crash();
        current = world.restart(current);
        return current.store;
      },
    },
    run,
    close: () => world.complete(current.close()),
  };
});
