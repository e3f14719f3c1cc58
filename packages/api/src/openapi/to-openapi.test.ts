import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { OPERATION_IDS } from "../routes/routes.ts";
import { toOpenApi } from "./to-openapi.ts";

suite("OpenAPI", () => {
  test("the document has every operation once", () => {
    const { paths } = toOpenApi("1.0.0") as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const ids = Object.values(paths).flatMap((item) =>
      Object.values(item).map((each) => each.operationId),
    );
    assert.deepEqual(ids.toSorted(), [...OPERATION_IDS].toSorted());
  });

  test("it is JSON", () => {
    const document = toOpenApi("1.0.0");
    assert.deepEqual(JSON.parse(JSON.stringify(document)), document);
  });
});
