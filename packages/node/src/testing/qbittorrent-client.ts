import assert from "node:assert/strict";
import { NodeError } from "../errors.ts";
import { createQbittorrentFace, type SignIn } from "../qbittorrent/qbittorrent-face.ts";
import type { Asked, RemoteScene } from "./remote-scene.ts";

export type Fields = Readonly<Record<string, string>>;
export type Row = Readonly<Record<string, unknown>>;

/** A door that takes one password, and shuts after three wrong ones. */
function createDoor(): SignIn & { isSet: boolean } {
  let wrong = 0;
  return {
    isSet: true,
    get needsPassword() {
      return !this.isSet;
    },
    async signIn(password, _request, cookie) {
      if (wrong >= 3) throw new NodeError("too-many-requests", "Wait.");
      if (password === "secret") return `${cookie}=token; Path=/`;
      wrong += 1;
      throw new NodeError("unauthorized", "Wrong.");
    },
    signOut: async (_request, cookie) => `${cookie}=; Max-Age=0`,
  };
}

/** A client that has signed in, as the owner. */
export function connectQbittorrent(scene: RemoteScene) {
  const { handlers, control } = scene;
  const door = createDoor();
  const face = createQbittorrentFace({ handlers, control, access: door, isOn: () => true });
  const send = async (
    method: string,
    path: string,
    fields: Fields = {},
    more: Partial<Asked> = {},
  ) => {
    const form = new URLSearchParams(fields).toString();
    const answer = await scene.ask(face, {
      method,
      target: method === "GET" && form !== "" ? `/api/v2/${path}?${form}` : `/api/v2/${path}`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: method === "GET" ? "" : form,
      ...more,
    });
    const text = Buffer.from(answer.body).toString();
    return { status: answer.status, text, headers: answer.headers ?? {} };
  };
  const readText = async (path: string, fields?: Fields): Promise<string> => {
    const { status, text } = await send("GET", path, fields);
    assert.equal(status, 200, `${path}: ${text}`);
    return text;
  };
  const get = async (path: string, fields?: Fields): Promise<Row> =>
    JSON.parse(await readText(path, fields)) as Row;
  const list = async (path: string, fields?: Fields): Promise<readonly Row[]> =>
    JSON.parse(await readText(path, fields)) as readonly Row[];
  const post = async (path: string, fields?: Fields): Promise<string> => {
    const { status, text } = await send("POST", path, fields);
    assert.equal(status, 200, `${path}: ${text}`);
    return text;
  };
  /** What a request is refused with. */
  const refusal = async (path: string, fields?: Fields): Promise<number> =>
    (await send("POST", path, fields)).status;
  /** Adds a torrent as Sonarr does: a form with the file, and fields beside it. */
  const upload = async (file: Uint8Array, fields: Fields = {}): Promise<[number, string]> => {
    const boundary = "-----------------------------1234";
    const parts = Object.entries(fields).map(
      ([name, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const body = Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="torrents"; ` +
          `filename="episode.torrent"\r\nContent-Type: application/x-bittorrent\r\n\r\n`,
      ),
      file,
      Buffer.from(`\r\n${parts.join("")}--${boundary}--\r\n`),
    ]);
    const headers = { "content-type": `multipart/form-data; boundary="${boundary}"` };
    const { status, text } = await send("POST", "torrents/add", {}, { body, headers });
    return [status, text];
  };
  return { door, send, readText, get, list, post, refusal, upload };
}
