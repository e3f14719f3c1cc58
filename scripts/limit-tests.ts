/**
 * Which test proves each row of LIMITS.md, by the row's first column: the test's title, as it stands in the
 * source. A test whose title contains `limit: ` and the row's first column needs no line here.
 */
export const LIMIT_TESTS: Readonly<Record<string, string>> = {
  // Torrents and magnet links.
  "torrent file": "it is longer than 10 MB",
  "info dictionary from peers": "bytes of metadata and send none hold up nobody",
  nesting: "nesting is bounded",
  "values and keys": "the number of values is bounded",
  "digits of an integer": "an integer of more than 20 digits is refused, not computed",
  pieces: "it has more than 2,097,152 pieces",
  "piece length": "its piece length is missing, not positive or beyond 512 MiB",
  "related torrents and collections (BEP 38)":
    "BEP 38: relations are read from within the info dictionary and from beside it",
  "magnet link": "refuses what is no magnet link, or is too long",
  "dictionaries in extension messages": "is bounded in names and in the client's length",
  // Paths.
  "`.`, `..`, empty components": "drops what names no file",
  "separators, control, bidirectional and zero-width characters":
    "replaces separators, controls, and characters that hide or turn text",
  "a component": "shortens to 240 bytes between characters and keeps the extension",
  "depth of folders": "more than 100 components are refused",
  "names that collide": "more than 500 names that collide are refused",
  "symbolic links on the way": "a folder that is a link out of the root is refused at opening",
  "what stands in a file's place":
    "a folder or a pipe in a file's place is named, and nobody waits for the pipe",
  // Peers.
  message: "takes a message of 1 MiB, and refuses one byte more",
  "bytes before the handshake is done": "garbage comes at full speed instead of a handshake",
  handshake: "its handshake does not come within 10 s",
  "MSE public key": "refuses public keys outside [2, p - 2], with which anyone knows the secret",
  "MSE padding": "refuses padding of over 512 bytes, announced or unannounced",
  "queued requests": "more than 2,000 queued requests are rejected, and the peer stays",
  "length of a request": "a request asks for more than 128 KiB",
  "requests while choked": "more than 300 requests come while choked",
  "answers that wait for a peer": "a peer that takes nothing is cut when 8 MiB wait for it",
  "have all, have none": "it says again and again what it has, at a price of five bytes",
  silence: "nothing comes of it for 130 s",
  "nothing to say to each other": "neither side wants anything of the other for 10 minutes",
  "no block, with requests outstanding":
    "snubbing: 20 s after the last block; a late one is welcome and ends it",
  "peers that may take pieces while they are choked":
    "BEP 6: two starving peers at most may take pieces while they are choked",
  "hashes of a request, asked of us":
    "BEP 52: rejects what is unknown, out of bounds, unaligned, too much or not there",
  "hash requests without an answer":
    "a silent peer is passed over after ten seconds, and a late answer still counts",
  "incoming connections that name no torrent yet": "are 200 for all addresses together",
  "incoming peers of one address":
    "one address takes half of a torrent's places at most, and the others stay for others",
  connections: "sessions take no more connections than maxPeers, whoever opens them",
  "block hashes of bad pieces": "are 4 MiB of hashes at most, and eight versions of a piece",
  "failures of one address": "are forgotten after eight failures, unless the user named them",
  trust: "falls by two for a bad piece, rises by one for a good one, and bans at -7",
  "addresses whose trust, or ban, is remembered": "remembers 20,000 addresses, those of late",
  "known addresses of a torrent":
    "are 4,000 at most: then what failed most gives way, or what strangers named to what others named",
  "the same, of one source": "BEP 11: one peer names 100 at most, and all peers together 1,500",
  "the same, that one peer named":
    "BEP 11: one peer names 100 at most, and all peers together 1,500",
  "failures of an address that only strangers named":
    "that only strangers named, and that never answered, are forgotten after two failures",
  "messages of peer exchange":
    "is disconnected at its seventh message within a minute, and not before",
  "private addresses in peer exchange": "that is on the internet names nobody on a private network",
  "extensions in a handshake": "is bounded in names and in the client's length",
  "an extension's name": "leaves out each field that makes no sense, and keeps the others",
  "a client's name for itself": "is bounded in names and in the client's length",
  "peer exchange":
    "takes missing fields for empty ones, and refuses what is no dictionary or over 500 KiB",
  "metadata asked for again": "gives each peer its metadata four times over, and no more",
  "metadata fetched":
    "asks three peers at once, and the next when one of them is slow, lies or leaves",
  "metadata requests without an answer":
    "one that answered none in 10 s is asked again after the others",
};
