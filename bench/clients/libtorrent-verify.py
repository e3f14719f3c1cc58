"""Checks what lies on disk with libtorrent: argv is torrent file and folder. Fails unless all of it is good."""

import sys

import libtorrent as lt

from alerts import Alerts

torrent_file, folder = sys.argv[1:3]
session = lt.session(
    {
        "listen_interfaces": "",
        "enable_dht": False,
        "enable_lsd": False,
        "aio_threads": 2,
        "hashing_threads": 2,
        "alert_mask": lt.alert.category_t.status_notification,
    }
)
alerts = Alerts(session)
params = lt.add_torrent_params()
params.ti = lt.torrent_info(torrent_file)
params.save_path = folder
params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
handle = session.add_torrent(params)
while True:
    if any(isinstance(alert, lt.torrent_checked_alert) for alert in alerts.next(1)):
        sys.exit(0 if handle.status().is_seeding else 1)
