import {
  decodeExtensionHandshake,
  encodeExtended,
  encodeExtensionHandshake,
  type ExtensionHandshake,
} from "@shoal/protocol";
import type { OwnPorts } from "../discovery/own-ports.ts";
import { CLIENT_NAME } from "../session/client-name.ts";
import type { PeerView } from "../peer/peer-view.ts";
import { MAX_QUEUED_REQUESTS } from "../peer/uploader.ts";
import type { ExtensionPeer, ExtensionSession, PeerExtension } from "./extension.ts";

const HANDSHAKE_ID = 0;

interface Attached {
  readonly extension: PeerExtension;
  readonly session: ExtensionSession;
}

/** The extensions of one connection: gives IDs, carries messages (BEP 10). */
export class ExtensionSet {
  /** By the ID that this side gave: 1 and up, in the order of registration. */
  readonly #attached: Attached[] = [];
  /** By name, the ID under which the other side takes messages. */
  readonly #remoteIds = new Map<string, number>();
  readonly #peer: PeerView;
  readonly #send: (message: Uint8Array) => void;

  constructor(
    peer: PeerView,
    extensions: readonly PeerExtension[],
    send: (message: Uint8Array) => void,
  ) {
    this.#peer = peer;
    this.#send = send;
    for (const extension of extensions) {
      const session = extension.attach(this.#viewFor(extension.name));
      if (session !== null) this.#attached.push({ extension, session });
    }
  }

  sendHandshake(about: {
    readonly ports: OwnPorts;
    readonly metadataBytes: number | null;
    readonly uploadOnly: boolean;
    readonly prefersEncryption: boolean;
  }): void {
    const ids: Record<string, number> = {};
    let fields = {};
    this.#attached.forEach(({ extension }, index) => {
      ids[extension.name] = index + 1;
      fields = { ...fields, ...extension.handshakeFields?.(this.#peer.infoHash) };
    });
    const listenPort = about.ports.towards(this.#peer.remote.address);
    const payload = encodeExtensionHandshake({
      extensions: ids,
      fields,
      client: CLIENT_NAME,
      requestQueueLength: MAX_QUEUED_REQUESTS,
      ...(this.#peer.remote.port > 0 ? { yourIp: this.#peer.remote.address } : {}),
      ...(listenPort > 0 ? { listenPort } : {}),
      ...(about.metadataBytes === null ? {} : { metadataLengthBytes: about.metadataBytes }),
      ...(about.uploadOnly ? { uploadOnly: true } : {}),
      ...(about.prefersEncryption ? { prefersEncryption: true } : {}),
    });
    this.#send(encodeExtended(HANDSHAKE_ID, payload));
  }

  /** A later handshake says what has changed (BEP 10). */
  sendUpdate(changes: { uploadOnly: boolean }): void {
    const payload = encodeExtensionHandshake({ extensions: {}, ...changes });
    this.#send(encodeExtended(HANDSHAKE_ID, payload));
  }

  /** Whether the other side takes messages of this extension. */
  supports(name: string): boolean {
    return this.#remoteIds.has(name);
  }

  /** @returns Whether the other side takes such messages: else nothing was sent. */
  send(name: string, payload: Uint8Array): boolean {
    const id = this.#remoteIds.get(name);
    if (id !== undefined) this.#send(encodeExtended(id, payload));
    return id !== undefined;
  }

  /** @returns The handshake when the message was one, else null. */
  onMessage(id: number, payload: Uint8Array): ExtensionHandshake | null {
    if (id !== HANDSHAKE_ID) {
      this.#attached[id - 1]?.session.onMessage(payload);
      return null;
    }
    const handshake = decodeExtensionHandshake(payload);
    for (const [name, remoteId] of handshake.extensions) {
      if (remoteId === 0) this.#remoteIds.delete(name);
      else this.#remoteIds.set(name, remoteId);
    }
    for (const { extension, session } of this.#attached) {
      session.onHandshake?.(handshake, this.#remoteIds.has(extension.name));
    }
    return handshake;
  }

  /** Whether an extension has business of its own to end. */
  get isBusy(): boolean {
    return this.#attached.some(({ session }) => session.isBusy === true);
  }

  close(): void {
    for (const { session } of this.#attached) session.onClose?.();
  }

  #viewFor(name: string): ExtensionPeer {
    return {
      view: this.#peer,
      send: (payload) => void this.send(name, payload),
    };
  }
}
