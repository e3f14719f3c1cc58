import { DnsError, HttpError, NetError, type Runtime } from "@shoal/runtime";

const REFUSAL = "Nothing is sent while no daemon runs: start it with shoal daemon.";

/** A world from which nothing leaves. It can be listened in, by whoever listens on loopback alone. */
export function withoutNetwork(runtime: Runtime): Runtime {
  const { net, dns, http } = runtime;
  const refuseHttp = async (): Promise<never> => {
    return await Promise.reject(new HttpError("failed", REFUSAL));
  };
  return {
    ...runtime,
    net: {
      ...net,
      listen: (options, onConnection) => net.listen(options, onConnection),
      bindUdp: (options, onDatagram) => net.bindUdp(options, onDatagram),
      connect: async () => await Promise.reject(new NetError("off", REFUSAL)),
    },
    dns: { ...dns, resolve: async () => await Promise.reject(new DnsError("failed", REFUSAL)) },
    http: {
      serve: (options, handle, accept) => http.serve(options, handle, accept),
      over: (ways) => http.over(ways),
      request: refuseHttp,
      openWebSocket: refuseHttp,
    },
  };
}
