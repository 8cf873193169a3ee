"""A process that holds the index of faces, as a station does: takes over what changed at each line that it reads."""

import sys
from pathlib import Path

from kiosk.bootstrap import open_services
from kiosk.checkin.face_gallery import KeptGallery
from kiosk.logs import configure_logs
from kiosk.settings import load_settings


def main() -> None:
    configure_logs("debug")
    services = open_services(load_settings(Path(sys.argv[1])))
    gallery = KeptGallery(services.storage, services.clock)
    for _ in sys.stdin:
        gallery.refresh()
        sys.stdout.write(f"{len(gallery.holds())}\n")
        sys.stdout.flush()


main()
