/** One server-sent event: its name and its data, lines joined. */
export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

/**
 * Takes a stream of server-sent events apart, however its text is cut. Comments, which keep connections alive, and
 * fields other than `event` and `data` are left out: what a page missed it asks for anew.
 * @see HTML Standard, 9.2.6 Interpreting an event stream
 */
export function createSseParser(onEvent: (event: ServerSentEvent) => void): (text: string) => void {
  let rest = "";
  let name = "";
  let data: string[] = [];
  const takeLine = (line: string): void => {
    if (line === "") {
      if (data.length > 0) onEvent({ name: name === "" ? "message" : name, data: data.join("\n") });
      name = "";
      data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
  };
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) takeLine(line);
  };
}
