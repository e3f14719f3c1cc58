/** Results that nobody has read yet; what comes on top is dropped. */
const MAX_UNREAD = 4096;

/** Results that come as they are found: pushed on one side, read by `for await` on the other. */
export interface ResultStream<T> extends AsyncIterableIterator<T> {
  readonly push: (value: T) => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

interface Reader<T> {
  readonly resolve: (result: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

interface Ending {
  readonly error: unknown;
  readonly isFailure: boolean;
}

/** @param onReturn Called when the reader stops before the end. */
export function createResultStream<T>(onReturn: () => void): ResultStream<T> {
  const unread: T[] = [];
  const readers: Reader<T>[] = [];
  let ending: Ending | null = null;

  const finish = (error: unknown, isFailure: boolean): void => {
    if (ending !== null) return;
    ending = { error, isFailure };
    for (const reader of readers.splice(0)) tellEnd(reader, ending);
  };

  return {
    push(value) {
      if (ending !== null) return;
      const reader = readers.shift();
      if (reader !== undefined) reader.resolve({ done: false, value });
      else if (unread.length < MAX_UNREAD) unread.push(value);
    },
    end: () => finish(undefined, false),
    fail: (error) => finish(error, true),
    next() {
      if (unread.length > 0) return Promise.resolve({ done: false, value: unread.shift()! });
      const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<T>>();
      if (ending === null) readers.push({ resolve, reject });
      else {
        tellEnd({ resolve, reject }, ending);
        ending = { error: undefined, isFailure: false };
      }
      return promise;
    },
    return() {
      unread.length = 0;
      finish(undefined, false);
      onReturn();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function tellEnd<T>(reader: Reader<T>, { error, isFailure }: Ending): void {
  if (isFailure) reader.reject(error);
  else reader.resolve({ done: true, value: undefined });
}
