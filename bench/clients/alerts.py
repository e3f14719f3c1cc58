"""libtorrent's alerts, waited for without its `wait_for_alert`.

That returns a pointer into the queue of alerts, which Python then looks at while libtorrent's own thread may move
the queue to make room: with alerts in quick succession, 1 process of 360 ended with SIGSEGV (2.0.8). Here
a socket tells that there are alerts; those that `pop_alerts` hands over stay where they are until it is asked again.
"""

import select
import socket


class Alerts:
    def __init__(self, session):
        self._session = session
        self._told, self._tell = socket.socketpair()
        self._told.setblocking(False)
        session.set_alert_fd(self._tell.fileno())

    def next(self, seconds):
        """What came since the last call, or comes first within so many seconds. Valid until the next call."""
        if select.select([self._told], [], [], seconds)[0]:
            self._told.recv(4096)
        return self._session.pop_alerts()
