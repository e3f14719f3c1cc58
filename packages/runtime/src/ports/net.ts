/** An IP address and a port. IPv6 addresses carry no brackets and no zone. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * Where received bytes go. The socket asks for the place before each read, so a receiver
 * can hand out shared memory and nothing is copied on the way in.
 */
export interface ReceiveSink {
  /** The place for the next read, at least one byte long. Asked again after every `received`. */
  buffer(): Uint8Array;
  /** `lengthBytes` arrived at the start of `buffer`, which is the array last handed out. */
  received(lengthBytes: number, buffer: Uint8Array): void;
  /** The other side will send nothing more. */
  ended(): void;
  /** The socket is gone: nothing more is called after this. `error` is null after an orderly close. */
  closed(error: Error | null): void;
}

/** A TCP stream, or anything that behaves as one (uTP, a WebRTC data channel). */
export interface StreamSocket {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Bytes handed to `write` that the transport has not yet taken. */
  readonly queuedBytes: number;
  /** Starts reading. Called once, when the owner is ready. */
  receive(sink: ReceiveSink): void;
  /**
   * Sends `bytes`, in the order of the calls. The memory belongs to the socket until `sent` is
   * called (with null, or with why it failed); it is called exactly once, never within `write`.
   */
  write(bytes: Uint8Array, sent?: (error: Error | null) => void): void;
  /** Stops reading after the read under way. The kernel's buffer fills and the sender waits. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then FIN. */
  end(): void;
  /** Drops what is queued and closes now. */
  destroy(): void;
}

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  /** The local address to connect from; the system's choice when absent. */
  readonly localAddress?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Listener {
  readonly local: Endpoint;
  close(): Promise<void>;
}

export interface ListenOptions {
  /** The address to listen at; every address when absent. */
  readonly host?: string;
  /** 0 picks a free port. */
  readonly port: number;
}

/** A group of hosts that get what is sent to one address. */
export interface MulticastOptions {
  /** The group's address, of IPv4 or IPv6. */
  readonly group: string;
  /** How many routers may pass on what is sent to it; 0 keeps it within the machine. */
  readonly hops: number;
}

export interface BindUdpOptions extends ListenOptions {
  /**
   * Joins a group, and shares the port with other programs that do. What is sent to the group leaves by the interface
   * that has the address `host`, or by all without one, and comes to the group's members on this machine too, the
   * sender among them. The socket is of the group's family alone.
   */
  readonly multicast?: MulticastOptions;
  /**
   * Shares the port with other sockets of this user that ask for it too: each sender's datagrams
   * always reach the same one. Linux, and not in the simulated world.
   */
  readonly reusePort?: boolean;
}

export interface UdpSocket {
  readonly local: Endpoint;
  /**
   * Sends one datagram. A datagram that cannot be sent is dropped, as the network itself may do.
   * @returns False when the system still holds datagrams, of which this may be one: its memory must not
   * be written to any more then. Otherwise the memory is free again.
   */
  send(bytes: Uint8Array, to: Endpoint): boolean;
  close(): Promise<void>;
}

/** A router that leads out of the local network. */
export interface Gateway {
  readonly address: string;
  /** This side's address in the router's network. */
  readonly localAddress: string;
}

/** The network: TCP and UDP. */
export interface Net {
  /** Everything goes one way, through a proxy or by one interface: whoever opens sockets of its own must not. */
  readonly isConfined?: true;
  /** The routers of the default routes, IPv4, the preferred one first; none where that cannot be told. */
  gateways(): Promise<readonly Gateway[]>;
  /**
   * Connects.
   * @throws {NetError} `refused`, `unreachable`, `timeout`, `aborted` or `failed`.
   */
  connect(options: ConnectOptions): Promise<StreamSocket>;
  /**
   * Listens for streams.
   * @throws {NetError} `address-in-use`, `address-unavailable`, `denied` or `failed`.
   */
  listen(options: ListenOptions, onConnection: (socket: StreamSocket) => void): Promise<Listener>;
  /**
   * Opens a datagram socket. `onDatagram` gets bytes that stay valid only during the call. `onTurnEnd` is
   * called once the datagrams that were waiting have been handed over: the moment to answer them together.
   * @throws {NetError} as `listen` does.
   */
  bindUdp(
    options: BindUdpOptions,
    onDatagram: (bytes: Uint8Array, from: Endpoint) => void,
    onTurnEnd?: () => void,
  ): Promise<UdpSocket>;
}
