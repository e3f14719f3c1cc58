"""Makes a torrent with libtorrent: argv is source, torrent file, version (v1, v2, hybrid) and piece length."""

import os
import sys

import libtorrent as lt

source, torrent_file, version, piece_length = sys.argv[1:5]
flags = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}[version]
files = lt.file_storage()
lt.add_files(files, source)
torrent = lt.create_torrent(files, int(piece_length), flags)
torrent.set_creator("libtorrent " + lt.__version__)
lt.set_piece_hashes(torrent, os.path.dirname(os.path.abspath(source)))
with open(torrent_file, "wb") as file:
    file.write(lt.bencode(torrent.generate()))
