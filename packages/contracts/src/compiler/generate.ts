import { writeFileSync } from "node:fs";
import { formatArtifacts } from "../testing/format-artifacts.ts";

for (const [name, text] of formatArtifacts()) {
  writeFileSync(new URL(`../artifacts/${name}`, import.meta.url), text);
}
