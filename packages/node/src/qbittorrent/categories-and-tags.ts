import { assertScope } from "../rest/assert-allowed.ts";
import type { QbCall, QbMethod } from "./call.ts";
import { listHashes } from "./torrent-changes.ts";
import { WebApiError } from "./web-api-error.ts";

/** `torrents/categories` */
export async function describeCategories({ operations }: QbCall) {
  const { categories } = await operations.call("listCategories");
  return Object.fromEntries(
    categories.map(({ name, folder }) => [name, { name, savePath: folder ?? "" }]),
  );
}

/** `torrents/createCategory` and `editCategory`. @throws {WebApiError} 400 or 409 */
export function setCategory(kind: "create" | "edit"): QbMethod["answer"] {
  return async ({ parameters, operations }) => {
    const name = parameters.text("category") ?? "";
    if (name === "") throw new WebApiError(400, "Category cannot be empty");
    const { categories } = await operations.call("listCategories");
    const isKnown = categories.some((category) => category.name === name);
    if (kind === "create" && (isKnown || !isName(name))) {
      throw new WebApiError(409, isKnown ? "Unable to create category" : "Incorrect category name");
    }
    if (kind === "edit" && !isKnown) throw new WebApiError(409, "Unable to edit category");
    const folder = parameters.text("savePath")?.trim();
    await operations.call("setCategory", {
      name,
      ...(folder !== undefined && { folder: folder === "" ? null : folder }),
    });
  };
}

/** A slash parts a category from those below it in qBittorrent; one at an end means nothing. */
function isName(name: string): boolean {
  return name.length <= 200 && !/\\|\/\/|^\/|\/$/.test(name);
}

/** `torrents/removeCategories` */
export const removeCategories: QbMethod["answer"] = async ({ parameters, operations }) => {
  const { categories } = await operations.call("listCategories");
  const names = new Set(categories.map(({ name }) => name));
  for (const name of new Set(parameters.list("categories", /[\r\n]+/))) {
    if (names.has(name)) await operations.call("removeCategory", { name });
  }
};

/** `torrents/tags` */
export const listTags: QbMethod["answer"] = ({ control, caller }) => {
  assertScope("read", caller);
  return control.tags.all;
};

export const createTags: QbMethod["answer"] = async ({ control, caller, parameters }) => {
  assertScope("torrents", caller);
  await control.tags.create(parameters.list("tags", ","));
};

export const deleteTags: QbMethod["answer"] = async ({ control, caller, parameters }) => {
  assertScope("torrents", caller);
  await control.tags.delete(parameters.list("tags", ","));
};

/** `torrents/addTags`, `removeTags` and `setTags`. Without tags, `removeTags` takes all of them off. */
export function changeTags(kind: "add" | "remove" | "set"): QbMethod["answer"] {
  return async (call) => {
    const { control, caller, parameters } = call;
    assertScope("torrents", caller);
    const given = parameters.list("tags", ",");
    for (const infoHash of await listHashes(call)) {
      const own = control.tags.of(infoHash);
      const left = given.length === 0 ? [] : own.filter((tag) => !given.includes(tag));
      const tags = kind === "set" ? given : kind === "add" ? [...own, ...given] : left;
      await control.tags.set(infoHash, tags);
    }
  };
}
