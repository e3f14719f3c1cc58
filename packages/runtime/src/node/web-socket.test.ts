import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { testWebSockets } from "../conformance/web-socket-conformance.ts";
import { createNodeRuntime } from "./create-node-runtime.ts";

testWebSockets("node", async () => {
  const runtime = await createNodeRuntime();
  return {
    ports: { http: runtime.http, host: "127.0.0.1" },
    run: (body) => body(),
    close: () => runtime.close(),
  };
});

test("an upgrade that is no WebSocket, and one that is torn off, harm nobody", async () => {
  const runtime = await createNodeRuntime();
  const { http } = runtime;
  const listener = await http.serve(
    { host: "127.0.0.1", port: 0 },
    () => ({ status: 200, body: Buffer.from("here") }),
    () => (connection) => connection.receive({ message() {}, closed() {} }),
  );
  const { port } = listener.local;
  for (const headers of ["", "Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Key: x\r\n"]) {
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`,
    );
    socket.resume();
    await once(socket, "close");
  }
  const torn = connect(port, "127.0.0.1");
  torn.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  torn.resetAndDestroy();
  const { body } = await http.request({ url: `http://127.0.0.1:${port}/` });
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  assert.equal(Buffer.concat(parts).toString(), "here");
  await listener.close();
  await runtime.close();
});
