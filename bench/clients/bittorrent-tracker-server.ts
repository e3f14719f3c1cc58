// A tracker made of npm's bittorrent-tracker, over UDP alone. argv[2] is the path of the module.
/** As much of it as is used here. */
interface Server {
  listen(port: number, hosts: { udp: string; udp6: string }, ready: () => void): void;
  readonly udp4: { address(): { port: number } };
}

const { default: TrackerServer } = (await import(process.argv[2] ?? "")) as {
  default: new (options: object) => Server;
};
const server = new TrackerServer({ udp: true, http: false, ws: false, stats: false });
server.listen(0, { udp: "127.0.0.1", udp6: "::1" }, () => {
  const { port } = server.udp4.address();
  process.stdout.write(`${JSON.stringify({ event: "listening", port })}\n`);
});
