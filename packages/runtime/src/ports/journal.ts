/**
 * A file that only grows, held by one program at a time: for what must be on the disk before anybody hears of it.
 * Calls are carried out in order. Every one may fail with a {@link DiskError}: `full`, `denied`, `io` or `closed`.
 */
export interface Journal {
  /** Bytes that were there at the opening, and that were appended and synced since. */
  readonly lengthBytes: number;
  /** Bytes from an offset on: fewer where the file ends. */
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
  /**
   * Appends, and answers once the bytes survive a power cut. The bytes belong to the journal until then. After one
   * failure all further ones fail: nobody knows what of it is on the disk until the file is opened and read again.
   */
  append(bytes: Uint8Array): Promise<void>;
  /** Cuts off what lies behind `lengthBytes`, durably. */
  truncate(lengthBytes: number): Promise<void>;
  /** Waits for what is under way, and lets others open it. */
  close(): Promise<void>;
}
