import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { decodeFeed } from "./decode-feed.ts";
import { FeedError } from "./feed-error.ts";
import { parseFeed } from "./parse-feed.ts";

const HASH = "0123456789abcdef0123456789abcdef01234567";
const hasCode = (code: string) => (error: unknown) =>
  error instanceof FeedError && error.code === code;

suite("feeds", () => {
  test("RSS 2.0: reads torrent files of enclosures, dates and sizes", () => {
    const { title, items } = parseFeed(`<?xml version="1.0" encoding="UTF-8"?>
      <rss version="2.0"><channel>
        <title>Releases &amp; more</title>
        <item>
          <title><![CDATA[ A film <2026> ]]></title>
          <guid isPermaLink="false">id-1</guid>
          <link>https://example.net/page/1</link>
          <pubDate>Wed, 25 Nov 2026 10:00:00 +0000</pubDate>
          <enclosure url="https://example.net/1.torrent?k=a&amp;b=c" type="application/x-bittorrent" length="4000000000"/>
        </item>
        <item><title>no link at all</title></item>
        <item>
          <title>small length</title>
          <enclosure url="https://example.net/2.torrent" length="20000"/>
        </item>
      </channel></rss>`);
    assert.equal(title, "Releases & more");
    assert.deepEqual(items, [
      {
        guid: "id-1",
        title: "A film <2026>",
        source: "https://example.net/1.torrent?k=a&b=c",
        publishedAtMs: Date.UTC(2026, 10, 25, 10),
        sizeBytes: 4_000_000_000,
      },
      {
        guid: "https://example.net/2.torrent",
        title: "small length",
        source: "https://example.net/2.torrent",
        publishedAtMs: null,
        sizeBytes: null,
      },
    ]);
  });

  test("reads what trackers add: ezRSS, Torznab, nyaa, bare magnet links", () => {
    const { items } = parseFeed(`<rss xmlns:torrent="http://xmlns.ezrss.it/0.1/"
        xmlns:torznab="http://torznab.com/schemas/2015/feed" xmlns:nyaa="https://nyaa.si/xmlns/nyaa"><channel>
      <item><title>ezrss</title><torrent:contentLength>123456789</torrent:contentLength>
        <torrent:magnetURI><![CDATA[magnet:?xt=urn:btih:${HASH}&dn=x]]></torrent:magnetURI></item>
      <item><title>torznab</title><torznab:attr name="size" value="1000"/>
        <torznab:attr name="magneturl" value="magnet:?xt=urn:btih:${HASH}"/><link>https://example.net/x</link></item>
      <item><title>nyaa</title><link>https://example.net/view/1</link>
        <nyaa:infoHash>${HASH.toUpperCase()}</nyaa:infoHash><nyaa:size>1.5 GiB</nyaa:size></item>
      <item><title>link</title><link>magnet:?xt=urn:btih:${HASH}</link></item>
      <item><title>v2</title><torrent:infoHash>${"ab".repeat(32)}</torrent:infoHash></item>
    </channel></rss>`);
    assert.deepEqual(
      items.map(({ title, source, sizeBytes }) => [title, source, sizeBytes]),
      [
        ["ezrss", `magnet:?xt=urn:btih:${HASH}&dn=x`, 123_456_789],
        ["torznab", `magnet:?xt=urn:btih:${HASH}`, 1000],
        ["nyaa", `magnet:?xt=urn:btih:${HASH}`, 1.5 * 2 ** 30],
        ["link", `magnet:?xt=urn:btih:${HASH}`, null],
        ["v2", `magnet:?xt=urn:btmh:1220${"ab".repeat(32)}`, null],
      ],
    );
  });

  test("RFC 4287: reads Atom", () => {
    const { title, items } = parseFeed(`<feed xmlns="http://www.w3.org/2005/Atom">
      <title>Atom</title>
      <entry><title type="text">One</title><id>tag:1</id><updated>2026-11-25T10:00:00Z</updated>
        <link rel="alternate" href="https://example.net/one"/>
        <link rel="enclosure" type="application/x-bittorrent" href="https://example.net/one.torrent"/></entry>
      <entry><title>Two</title><id>tag:2</id><link href="https://example.net/two.torrent"/></entry>
    </feed>`);
    assert.equal(title, "Atom");
    assert.deepEqual(
      items.map(({ guid, source }) => [guid, source]),
      [
        ["tag:1", "https://example.net/one.torrent"],
        ["tag:2", "https://example.net/two.torrent"],
      ],
    );
    assert.equal(items[0]?.publishedAtMs, Date.UTC(2026, 10, 25, 10));
  });

  test("what feeds get wrong as a rule is passed over", () => {
    const { items } = parseFeed(
      `<rss><channel><title>x</title><item><title>Caf&eacute; &nbsp; & more</title><media:x>1</media:x>` +
        `<link>https://example.net/a.torrent</link></item></channel></rss>`,
    );
    assert.match(items[0]!.title, /^Caf&eacute; .* & more$/);
    assert.equal(items[0]!.source, "https://example.net/a.torrent");
  });

  test("titles hold nothing that disguises them", () => {
    const { items } = parseFeed(
      `<rss><channel><item><title>a&#x202e;b\n\tc${"x".repeat(2000)}</title>` +
        `<link>https://example.net/a.torrent</link></item></channel></rss>`,
    );
    assert.match(items[0]!.title, /^a b cx+$/);
    assert.equal(items[0]!.title.length, 500);
  });

  test("what is no feed is refused", () => {
    for (const text of ["", "hello", "<html><body><p>Sign in</p></body></html>", "<rss", "{}"]) {
      assert.throws(() => parseFeed(text), hasCode("not-a-feed"), text);
    }
  });

  test("limit: entities that a feed declares", () => {
    const laughs = Array.from(
      { length: 10 },
      (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
    ).join("");
    const bomb = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">${laughs}]><rss><channel><title>&l10;</title></channel></rss>`;
    assert.throws(() => parseFeed(bomb), hasCode("not-a-feed"));
    const outside = `<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><title>&x;</title></rss>`;
    assert.throws(() => parseFeed(outside), hasCode("not-a-feed"));
  });

  test("limit: size, elements and depth of a feed", () => {
    assert.throws(() => parseFeed(" ".repeat(8 * 2 ** 20 + 1)), hasCode("too-large"));
    assert.throws(() => parseFeed(`<rss>${"<a/>".repeat(200_001)}</rss>`), hasCode("too-large"));
    assert.throws(() => parseFeed(`<rss>${"<a>".repeat(40)}`), hasCode("too-large"));
    const item = "<item><link>https://example.net/a.torrent</link></item>";
    assert.equal(parseFeed(`<rss>${item.repeat(3000)}</rss>`).items.length, 2000);
    const long = `<rss><item><title>${"x".repeat(1e6)}</title><link>https://example.net/a.torrent</link></item></rss>`;
    assert.equal(parseFeed(long).items[0]!.title.length, 500);
    assert.throws(() => parseFeed(`<rss>${"&x;".repeat(5000)}</rss>`), hasCode("not-a-feed"));
  });

  test("whatever comes, it is read or refused", () => {
    const piece = fc.constantFrom(
      "<rss>",
      "<item>",
      "</item>",
      "<title>",
      "<![CDATA[",
      "]]>",
      "&#0;",
      "<!--",
      "x",
      "<link a='",
      ">",
      "<?xml",
      "</rss>",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          parseFeed(pieces.join(""));
        } catch (error) {
          assert.ok(error instanceof FeedError);
        }
      }),
    );
  });

  test("the text of a feed is decoded as it says itself", () => {
    const latin = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>`, "latin1");
    assert.match(decodeFeed(latin, "text/xml; charset=utf-8"), /é/);
    assert.match(
      decodeFeed(Buffer.from("<a>\xe9</a>", "latin1"), "text/xml; charset=iso-8859-1"),
      /é/,
    );
    assert.match(decodeFeed(Buffer.from("<a>é</a>"), undefined), /é/);
    assert.match(decodeFeed(Buffer.from("\ufeff<a>é</a>", "utf16le"), undefined), /<a>é/);
    assert.match(decodeFeed(Buffer.from(`<?xml encoding="no-such"?><a>é</a>`), undefined), /é/);
  });
});
