/**
 * A number with its noun, in the form that the number asks for.
 * @returns such as `1 torrent`, `2 torrents`, `1,000 torrents`.
 */
export function countedIn(
  locale: string,
  forms: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string },
): (count: number) => string {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (count) => `${numbers.format(count)} ${forms[rules.select(count)] ?? forms.other}`;
}
