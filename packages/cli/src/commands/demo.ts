import type { CommonOptions } from "./context.ts";
export interface DemoOptions extends CommonOptions { readonly size: number }
