import { run } from "./child.ts";

/** Debian's package for each foreign client, and a command that succeeds where it is installed. */
const PROBES = {
  libtorrent: {
    package: "python3-libtorrent",
    probe: ["/usr/bin/python3", "-c", "import libtorrent"],
  },
  transmission: { package: "transmission-daemon", probe: ["transmission-daemon", "--version"] },
  "transmission-remote": {
    package: "transmission-cli",
    probe: ["transmission-remote", "--version"],
  },
  aria2: { package: "aria2", probe: ["aria2c", "--version"] },
  opentracker: { package: "opentracker", probe: ["sh", "-c", "command -v opentracker"] },
  redis: { package: "redis-server", probe: ["redis-server", "--version"] },
  chromium: { package: "chromium", probe: ["/usr/bin/chromium", "--version"] },
  // The program alone, which nothing starts: the package that starts it is `miniupnpd`.
  miniupnpd: { package: "miniupnpd-nftables", probe: ["sh", "-c", "command -v miniupnpd"] },
  dante: { package: "dante-server", probe: ["danted", "-v"] },
  nftables: { package: "nftables", probe: ["nft", "--version"] },
  iproute2: { package: "iproute2", probe: ["ip", "-V"] },
} as const;

export type ForeignClient = keyof typeof PROBES;

export async function isInstalled(client: ForeignClient): Promise<boolean> {
  const [command, ...args] = PROBES[client].probe;
  return await run(command, ...args).then(
    () => true,
    () => false,
  );
}

let updated: Promise<unknown> | null = null;

/**
 * Installs what is missing, where that may be done.
 * @returns why it cannot be used here, or null when it can.
 */
export async function installClients(...clients: ForeignClient[]): Promise<string | null> {
  for (const client of clients) {
    if (await isInstalled(client)) continue;
    const { package: name } = PROBES[client];
    if (process.getuid?.() !== 0) return `${name} is not installed: apt-get install ${name}`;
    updated ??= run("apt-get", "update", "--quiet");
    await updated;
    await run("apt-get", "install", "--quiet", "--yes", "--no-install-recommends", name);
    if (!(await isInstalled(client))) return `${name} is installed but does not run`;
  }
  return null;
}
