import { Child, type ChildOptions } from "./child.ts";

/** An event that a client wrote as one line of JSON. */
export interface ClientEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A process that tells what happens as lines of JSON with a field `event`; all of them are kept. */
export class JsonChild extends Child {
  readonly events: ClientEvent[] = [];

  constructor(command: string, args: readonly string[], options: ChildOptions) {
    super(command, args, options);
    this.onLine((line) => {
      const event = parseEvent(line);
      if (event !== undefined) this.events.push(event);
    });
  }

  /**
   * The first event of this type, or of those that `isWanted` admits, whether it came already or not.
   * @throws {Error} as {@link Child.waitFor}.
   */
  async waitForEvent(
    type: string,
    options: { isWanted?: (event: ClientEvent) => boolean; timeoutMs?: number } = {},
  ): Promise<ClientEvent> {
    const { isWanted = () => true, timeoutMs } = options;
    const matches = (event: ClientEvent): boolean => event.event === type && isWanted(event);
    const earlier = this.events.find(matches);
    if (earlier !== undefined) return earlier;
    return await this.waitFor(
      `event ${type}`,
      (line) => {
        const event = parseEvent(line);
        return event !== undefined && matches(event) ? event : undefined;
      },
      timeoutMs,
    );
  }
}

function parseEvent(line: string): ClientEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(line) as ClientEvent;
    return typeof value.event === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
