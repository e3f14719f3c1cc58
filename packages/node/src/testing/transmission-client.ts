import assert from "node:assert/strict";
import { createTransmissionFace } from "../transmission/transmission-face.ts";
import type { Asked, RemoteScene } from "./remote-scene.ts";
import { sampleTorrent } from "./sample-torrent.ts";

const TARGET = "/transmission/rpc";

export type Row = Readonly<Record<string, unknown>>;

/** What calls answer, as far as tests look into it. */
export interface Told extends Row {
  readonly torrents: readonly Row[];
  readonly group: readonly Row[];
  readonly units: Row;
}

interface Envelope {
  readonly result: unknown;
  readonly arguments: Told;
  readonly error: { readonly code: number };
}

export type CallMethod = (method: string, args?: object) => Promise<Told>;

/** A client that has got its session ID. */
export async function connectTransmission(scene: RemoteScene) {
  const { handlers, control } = scene;
  const face = createTransmissionFace({ handlers, control, isOn: () => true });
  const refused = await scene.ask(face, { method: "GET", target: TARGET });
  assert.equal(refused.status, 409);
  const id = refused.headers!["X-Transmission-Session-Id"]!;
  const send = async (body: unknown, more: Partial<Asked> = {}) =>
    await scene.ask(face, {
      target: TARGET,
      headers: { "x-transmission-session-id": id },
      body: JSON.stringify(body),
      ...more,
    });
  const read = async (body: unknown, more?: Partial<Asked>): Promise<Envelope> =>
    JSON.parse(Buffer.from((await send(body, more)).body).toString()) as Envelope;
  /** A call in the envelope of old. */
  const call: CallMethod = async (method, args = {}) => {
    const answer = await read({ method, arguments: args });
    assert.equal(answer.result, "success", method);
    return answer.arguments;
  };
  /** What a call is refused with. */
  const refusal = async (method: string, args: object = {}): Promise<string> =>
    (await read({ method, arguments: args })).result as string;
  return { face, id, send, read, call, refusal };
}

/** Adds a torrent whose files are here already. */
export async function addSample(scene: RemoteScene, call: CallMethod, starts = true) {
  const sample = sampleTorrent(1);
  scene.place(sample);
  const metainfo = Buffer.from(sample.bytes).toString("base64");
  const added = (await call("torrent-add", { metainfo }))["torrent-added"];
  if (starts) await scene.world.complete(scene.torrents.find(sample.infoHash).whenComplete());
  return { sample, added };
}

/** Some fields of the first torrent. */
export async function one(call: CallMethod, fields: readonly string[]): Promise<Row> {
  return (await call("torrent-get", { ids: [1], fields })).torrents[0]!;
}
