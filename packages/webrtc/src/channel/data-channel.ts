/** What is used of an `RTCDataChannel`. */
export interface DataChannel {
  binaryType: string;
  readonly readyState: string;
  /** Bytes handed to `send` that are not out yet. */
  readonly bufferedAmount: number;
  addEventListener(type: "message", take: (event: { data: ArrayBuffer | string }) => void): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  /** Copies the bytes, which must not be shared memory. */
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}
