"""Downloads a torrent from a web seed alone. Arguments: torrent file, folder, URL."""

import sys

import libtorrent as lt

from alerts import Alerts

session = lt.session(
    {
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "ssrf_mitigation": False,
        "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
    }
)
alerts = Alerts(session)
params = lt.add_torrent_params()
params.ti = lt.torrent_info(sys.argv[1])
params.save_path = sys.argv[2]
flags = lt.torrent_flags
params.flags &= ~(flags.auto_managed | flags.paused)
handle = session.add_torrent(params)
handle.add_url_seed(sys.argv[3])

while True:
    for alert in alerts.next(0.5):
        if isinstance(alert, lt.torrent_finished_alert):
            sys.exit(0)
        if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert, lt.hash_failed_alert)):
            sys.exit(alert.message())
