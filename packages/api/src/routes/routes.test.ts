import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { OPERATIONS } from "../operations.ts";
import { OPERATION_IDS, routeOf, ROUTES } from "./routes.ts";

suite("routes", () => {
  test("every operation has a shape, and every shape an operation", () => {
    assert.deepEqual(Object.keys(ROUTES).toSorted(), Object.keys(OPERATIONS).toSorted());
  });

  test("a shape names the parameters of its path, and no others", () => {
    for (const id of OPERATION_IDS) {
      const inPath = [...OPERATIONS[id].path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
      assert.deepEqual(Object.keys(routeOf(id).path?.shape ?? {}), inPath, id);
    }
  });

  test("no two operations are the same method at the same path", () => {
    const places = Object.values(OPERATIONS).map(({ method, path }) => `${method} ${path}`);
    assert.equal(new Set(places).size, places.length);
  });

  test("nothing has the same name in path, query and body: a handler gets them as one", () => {
    for (const id of OPERATION_IDS) {
      const { path, query, body } = routeOf(id);
      const parts = [path, query, body].map((part) =>
        part instanceof z.ZodObject ? Object.keys(part.shape) : [],
      );
      const names = parts.flat();
      assert.equal(new Set(names).size, names.length, id);
    }
  });

  test("GET and DELETE take no body", () => {
    for (const id of OPERATION_IDS) {
      if (["GET", "DELETE"].includes(OPERATIONS[id].method))
        assert.equal(routeOf(id).body, undefined, id);
    }
  });
});
