/** A torrent that cannot be taken over, by its name there. */
export interface ImportFailure {
  readonly name: string;
  /** For people. */
  readonly error: string;
  /** For programs; null where there is none. */
  readonly code: string | null;
}

export function describeFailure(name: string, error: unknown): ImportFailure {
  const { message } = error as Error;
  const hasCode = error instanceof Error && "code" in error && typeof error.code === "string";
  return { name, error: message, code: hasCode ? (error.code as string) : null };
}
