import { visibleText } from "../format/visible-text.ts";

/** Who asks: what the browser has said of the page, never what the page says of itself. */
export function OriginText({ origin }: { readonly origin: string }) {
  const [scheme = "", ...rest] = origin.split("://");
  const host = rest.join("://");
  return (
    <bdi class="origin">
      <span class="quiet">{visibleText(rest.length > 0 ? `${scheme}://` : "")}</span>
      <b>{visibleText(rest.length > 0 ? host : origin)}</b>
    </bdi>
  );
}
