/** For options that may be repeated: parses each value and keeps them in order. */
export function collect<Value>(parse: (text: string) => Value) {
  return (text: string, earlier: readonly Value[] | undefined): Value[] => [
    ...(earlier ?? []),
    parse(text),
  ];
}
