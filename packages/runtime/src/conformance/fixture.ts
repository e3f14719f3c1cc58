import { test } from "node:test";

/** One world under test. */
export interface Fixture<Ports> {
  readonly ports: Ports;
  /** Runs a test's body. A simulated world drives its clock until the body is done. */
  run(body: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export type CreateFixture<Ports> = () => Promise<Fixture<Ports>>;

/** Declares one test: a fact that holds in a fresh world. */
export type Fact<Ports> = (title: string, body: (ports: Ports) => Promise<void>) => void;

/** @param subject What the facts are about; starts every title. */
export function createFacts<Ports>(subject: string, create: CreateFixture<Ports>): Fact<Ports> {
  return (title, body) => {
    test(`${subject}: ${title}`, async () => {
      const fixture = await create();
      try {
        await fixture.run(() => body(fixture.ports));
      } finally {
        await fixture.close();
      }
    });
  };
}

/** Bytes that differ from place to place and from seed to seed. */
export function patternBytes(lengthBytes: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthBytes);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let at = 0; at < lengthBytes; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
