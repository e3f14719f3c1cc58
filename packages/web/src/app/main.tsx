import { render } from "preact";
import { followPreferences } from "../state/preferences.ts";
import { App } from "./app.tsx";

followPreferences();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
