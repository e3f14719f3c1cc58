import { render } from "preact";
import { followPreferences } from "../state/preferences.ts";
import { findBrowserWallets } from "../wallet/browser-wallets.ts";
import { App } from "./app.tsx";

followPreferences();
findBrowserWallets();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
