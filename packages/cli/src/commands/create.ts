import type { CommonOptions } from "./context.ts";
export interface CreateOptions extends CommonOptions { readonly output?: string }
