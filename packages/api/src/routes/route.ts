import type { z } from "zod";

/** What an operation takes and answers. Parameters of its path are strings, and are in `path`. */
export interface RouteShape {
  /** One line for the reference. */
  readonly summary: string;
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** A schema of the JSON that is answered; `bytes` for content, `events` for a stream of server-sent events. */
  readonly answer: z.ZodType | "bytes" | "events";
  /** The longest body that is read, in bytes; 64 KiB when absent. */
  readonly maxBodyBytes?: number;
}

type PathOf<T> = T extends { readonly path: infer P extends z.ZodType } ? z.output<P> : unknown;
type QueryOf<T> = T extends { readonly query: infer Q extends z.ZodType } ? z.output<Q> : unknown;
type BodyOf<T> = T extends { readonly body: infer B extends z.ZodType } ? z.output<B> : unknown;
type SentQueryOf<T> = T extends { readonly query: infer Q extends z.ZodType }
  ? z.input<Q>
  : unknown;
type SentBodyOf<T> = T extends { readonly body: infer B extends z.ZodType } ? z.input<B> : unknown;

/** What a handler is given: the parts of the path, of the query, and of the body, each checked. */
export type InputOf<T> = PathOf<T> & QueryOf<T> & BodyOf<T>;
/** What a caller passes: the same, with what has defaults left out. */
export type SentOf<T> = PathOf<T> & SentQueryOf<T> & SentBodyOf<T>;
/** What comes back as JSON; never for bytes and events. */
export type AnswerOf<T> = T extends { readonly answer: infer A extends z.ZodType }
  ? z.output<A>
  : never;
