import { testStreams } from "../conformance/net-conformance.ts";
import { testDatagrams } from "../conformance/udp-conformance.ts";
import { createNet } from "./net.ts";

for (const host of ["127.0.0.1", "::1"]) {
  const create = async () => ({
    ports: { net: createNet(), host },
    run: (body: () => Promise<void>) => body(),
    close: async () => {},
  });
  testStreams(`node (${host})`, create);
  testDatagrams(`node (${host})`, create);
}
