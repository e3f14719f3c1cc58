import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { escapeXml, readXml, textOf, withDescendants } from "./xml.ts";

suite("XML of routers", () => {
  test("elements and their text are read, prefixes and attributes left out", () => {
    const root = readXml(
      `<?xml version="1.0" encoding="utf-8"?>\r\n<!-- a > b -->
       <s:a xmlns:s="x" note='1 > 0'> <b> one &amp; &#x74;w&#111; </b><c/><d a = "b" /> <![CDATA[<raw>]]></s:a>`,
    )!;
    assert.equal(root.name, "a");
    assert.equal(root.text, "<raw>");
    assert.deepEqual(
      root.children.map(({ name, text }) => [name, text]),
      [
        ["b", "one & two"],
        ["c", ""],
        ["d", ""],
      ],
    );
    assert.equal(textOf(root, "b"), "one & two");
    assert.equal(textOf(root, "e"), null);
    assert.equal([...withDescendants(root)].length, 4);
  });

  test("what is not XML is refused", () => {
    for (const text of ["", "text", "<", "<>", "<a", "<a>", "</a>", "<a></b>", "<a><b></a></b>"]) {
      assert.equal(readXml(text), null, text);
    }
    for (const text of ["<!-- <a/>", "<![CDATA[ <a/>", '<a b="></a>', "<a></a", "<a/></a>"]) {
      assert.equal(readXml(text), null, text);
    }
  });

  test("limit: what a router says of itself", () => {
    const billion = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>';
    assert.equal(readXml(billion), null);
    assert.equal(readXml("<a>".repeat(33) + "</a>".repeat(33)), null);
    assert.notEqual(readXml("<a>".repeat(32) + "</a>".repeat(32)), null);
    assert.equal(readXml(`<a>${"<b/>".repeat(4000)}</a>`), null);
    assert.notEqual(readXml(`<a>${"<b/>".repeat(3999)}</a>`), null);
    // Neither takes more than a moment, however it is cut off.
    for (const part of ["<a ", "&", "<!--", '<a b="', "<a:", "</", "<?"]) {
      readXml(`<a>${part.repeat(40_000)}`);
    }
  });

  test("text survives its way into XML and back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        assert.equal(readXml(`<a>${escapeXml(text)}</a>`)?.text, text.trim());
      }),
    );
  });

  test("whatever is sent is read or refused", () => {
    const parts = ["<a>", "</a>", "<b/>", "&lt;", "<", ">", '"', "<!--", "-->", "<![CDATA[", "]]>"];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...parts), fc.string())), (some) => {
        readXml(some.join(""));
      }),
    );
  });
});
