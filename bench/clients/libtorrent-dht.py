"""A libtorrent DHT, driven by JSON lines on stdin; answers, one line each, go to stdout."""
import json
import sys
import time

import libtorrent as lt

from alerts import Alerts

session = lt.session({
    "listen_interfaces": "127.0.0.1:0",
    "enable_dht": True,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "dht_bootstrap_nodes": "",
    "dht_restrict_routing_ips": False,
    "dht_restrict_search_ips": False,
    "dht_ignore_dark_internet": False,
    "dht_prefer_verified_node_ids": False,
    "alert_mask": lt.alert.category_t.all_categories,
    "alert_queue_size": 100000,
})
alerts = Alerts(session)


def wait(kind, seconds=20):
    """The first alert of a kind for which `kind` answers anything."""
    end = time.time() + seconds
    while time.time() < end:
        for alert in alerts.next(0.2):
            found = kind(alert)
            if found is not None:
                return found
    return None


def of_type(name, get):
    return lambda alert: get(alert) if type(alert).__name__ == name else None


def answer(value):
    print(json.dumps(value), flush=True)


answer({"port": session.listen_port()})
for line in sys.stdin:
    order = json.loads(line)
    what = order["do"]
    if what == "add":
        session.add_dht_node(("127.0.0.1", order["port"]))
        end = time.time() + 20
        nodes = 0
        while nodes == 0 and time.time() < end:
            time.sleep(0.1)
            session.post_dht_stats()
            nodes = wait(of_type("dht_stats_alert", lambda alert: sum(b["num_nodes"] for b in alert.routing_table)), 1) or 0
        answer({"nodes": nodes})
    elif what == "announce":
        # The bindings of Debian's version cannot call dht_announce; a torrent announces itself.
        params = lt.parse_magnet_uri("magnet:?xt=urn:btih:" + order["infoHash"])
        params.save_path = order["dir"]
        # Asked again, it announces again: by itself it would wait a quarter of an hour.
        session.add_torrent(params).force_dht_announce()
        answer({"port": session.listen_port()})
    elif what == "peers":
        session.dht_get_peers(lt.sha1_hash(bytes.fromhex(order["infoHash"])))
        peers = wait(of_type("dht_get_peers_reply_alert", lambda alert: [list(p) for p in alert.peers()] or None))
        answer({"peers": peers or []})
    elif what == "put":
        target = session.dht_put_immutable_item(order["text"])
        done = wait(of_type("dht_put_alert", lambda alert: alert.num_success))
        answer({"target": str(target), "stored": done})
    elif what == "get":
        session.dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(order["target"])))
        item = wait(of_type("dht_immutable_item_alert", lambda alert: alert.item))
        answer({"item": item["value"].decode() if item else None})
    elif what == "put-mutable":
        session.dht_put_mutable_item(
            bytes.fromhex(order["private"]), bytes.fromhex(order["public"]), order["text"], order["salt"])
        done = wait(of_type("dht_put_alert", lambda alert: alert.num_success))
        answer({"stored": done})
    elif what == "get-mutable":
        session.dht_get_mutable_item(bytes.fromhex(order["public"]), order["salt"])
        found = wait(of_type("dht_mutable_item_alert", lambda alert: alert.item or None))
        answer({"item": found["value"].decode(), "seq": found["seq"]} if found else {})
