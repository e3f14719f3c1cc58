"""A peer made of libtorrent, driven by lines of JSON.

argv[1] is the job: source (torrent file or magnet), dir, host, port, encryption (off, allow, require),
profile (tuned, or absent), utp (only, or off), uploadLimit, downloadLimit, connections, dht (nodes to get in by), lsd. Standard input takes {"peers": [[address, port], ...]};
its end ends the process. Standard output tells ready, connecting, connected (to the first peer), piece (the first one), complete and error,
with the time of the system's monotonic clock.
"""

import json
import sys
import threading
import time

import libtorrent as lt

from alerts import Alerts

job = json.loads(sys.argv[1])

policies = {"off": 2, "allow": 1, "require": 0}  # pe_disabled, pe_enabled, pe_forced
policy = policies[job.get("encryption", "off")]
utp_only = job.get("utp") == "only"
settings = {
    "listen_interfaces": f"{job.get('host', '127.0.0.1')}:{job.get('port', 0)}",
    "enable_dht": "dht" in job,
    "dht_bootstrap_nodes": ",".join(f"{node['address']}:{node['port']}" for node in job.get("dht", [])),
    "dht_restrict_routing_ips": False,
    "dht_restrict_search_ips": False,
    "dht_ignore_dark_internet": False,
    "enable_lsd": job.get("lsd", False),
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_incoming_utp": utp_only,
    "enable_outgoing_utp": utp_only,
    "enable_incoming_tcp": not utp_only,
    "enable_outgoing_tcp": not utp_only,
    "allow_multiple_connections_per_ip": True,
    "in_enc_policy": policy,
    "out_enc_policy": policy,
    "allowed_enc_level": 2 if job.get("encryption") == "require" else 3,
    "prefer_rc4": job.get("encryption") == "require",
    "ssrf_mitigation": False,
    "alert_mask": lt.alert.category_t.status_notification
    | lt.alert.category_t.error_notification
    | lt.alert.category_t.storage_notification
    | lt.alert.category_t.piece_progress_notification
    | lt.alert.category_t.dht_notification
    | lt.alert.category_t.connect_notification,
}
if job.get("profile") == "tuned":
    settings.update(
        disk_write_mode=0,
        aio_threads=2,
        max_queued_disk_bytes=64 * 1024 * 1024,
        send_buffer_watermark=8 * 1024 * 1024,
        send_buffer_watermark_factor=150,
        max_out_request_queue=1500,
        max_allowed_in_request_queue=2000,
        tick_interval=100,
    )
if "connections" in job:
    settings["connections_limit"] = job["connections"]
    settings["unchoke_slots_limit"] = job["connections"]
if "uploadLimit" in job:
    settings["upload_rate_limit"] = job["uploadLimit"]
    settings["rate_limit_ip_overhead"] = False


def tell(event, **fields):
    print(json.dumps({"event": event, "ms": time.monotonic() * 1000, **fields}), flush=True)


session = lt.session(settings)
alerts = Alerts(session)
source = job["source"]
if source.startswith("magnet:"):
    params = lt.parse_magnet_uri(source)
else:
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(source)
params.save_path = job["dir"]
flags = lt.torrent_flags
params.flags &= ~(flags.auto_managed | flags.paused | flags.duplicate_is_error)
if "uploadLimit" in job:
    params.upload_limit = job["uploadLimit"]
if "downloadLimit" in job:
    params.download_limit = job["downloadLimit"]
handle = session.add_torrent(params)

alive = True


def listen_to_parent():
    global alive
    for line in sys.stdin:
        order = json.loads(line)
        tell("connecting")
        for address, port in order["peers"]:
            handle.connect_peer((address, port))
    alive = False


threading.Thread(target=listen_to_parent, daemon=True).start()

ERRORS = (
    lt.torrent_error_alert,
    lt.file_error_alert,
    lt.metadata_failed_alert,
    lt.hash_failed_alert,
)

told = set()


def once(event, **fields):
    if event not in told:
        told.add(event)
        tell(event, **fields)


while alive:
    for alert in alerts.next(0.5):
        if isinstance(alert, lt.torrent_checked_alert):
            once("ready", port=session.listen_port())
        elif isinstance(alert, lt.piece_finished_alert):
            once("piece")
        elif isinstance(alert, lt.torrent_finished_alert):
            once("complete")
        elif isinstance(alert, lt.peer_connect_alert):
            once("connected")
        elif isinstance(alert, lt.dht_bootstrap_alert):
            # By itself it would wait for a quarter of an hour.
            handle.force_dht_announce()
        elif isinstance(alert, ERRORS):
            tell("error", message=alert.message())
    if source.startswith("magnet:") and session.listen_port() > 0:
        # A magnet link has nothing to check before its metadata is here.
        once("ready", port=session.listen_port())
