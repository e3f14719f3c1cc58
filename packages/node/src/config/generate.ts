import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderSettingsPage } from "./settings-page.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");
writeFileSync(join(root, "docs", "settings.md"), renderSettingsPage());
