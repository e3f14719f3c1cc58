/** What a page that shows names as HTML would run. */
export const HOSTILE_NAME = `<img src=x onerror="document.title='taken'">`;

/** A torrent file of two files whose names are HTML: 40 KiB that nobody has. */
export function hostileTorrent(): Uint8Array {
  const file = (name: string, lengthBytes: number): string =>
    `d6:lengthi${lengthBytes}e4:pathl${Buffer.byteLength(name)}:${name}ee`;
  const files =
    file("<script>alert(1)<script>.mkv", 32_768) + file("readme &amp; <b>bold<b>.txt", 8192);
  const pieces = "x".repeat(20 * 3);
  const info = `d5:filesl${files}e4:name${Buffer.byteLength(HOSTILE_NAME)}:${HOSTILE_NAME}12:piece lengthi16384e6:pieces${pieces.length}:${pieces}e`;
  return Buffer.from(`d4:info${info}e`);
}
