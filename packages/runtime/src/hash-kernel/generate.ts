import { writeFileSync } from "node:fs";
import { buildKernelModule, formatKernelBytes } from "./kernel-module.ts";

writeFileSync(new URL("kernel-bytes.ts", import.meta.url), formatKernelBytes(buildKernelModule()));
