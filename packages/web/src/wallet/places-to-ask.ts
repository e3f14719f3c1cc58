/** Different places among `count`, rising. @param random 0 to below 1. */
export function placesToAsk(count: number, asked: number, random: () => number): number[] {
  const places = Array.from({ length: count }, (_, place) => place);
  const picked: number[] = [];
  while (picked.length < asked && places.length > 0)
    picked.push(...places.splice(Math.floor(random() * places.length), 1));
  return picked.sort((a, b) => a - b);
}
