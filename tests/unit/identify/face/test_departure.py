from kiosk.identify.face.departure import Departure
from tests.support.face_scene import Scene, Watch, face, picture

PICTURE = picture()


class Hall:
    def __init__(self, *, seconds: float = 60.0) -> None:
        self.scene = Scene(faces=[face()])
        self.watch = Watch()
        self.departure = Departure(self.scene.eyes, self.watch.clock, seconds)

    def look(self, seconds: float, jpeg: bytes | None = PICTURE) -> bool:
        gone = False
        for _ in range(round(seconds * 15)):
            self.watch.next()
            gone = self.departure.look(jpeg)
        return gone


def test_who_reads_the_ticket_is_there_and_is_compared_with_nobody() -> None:
    hall = Hall()
    assert not hall.look(20)
    hall.scene.person = 2
    assert not hall.look(20)
    assert hall.scene.extracted == 0


def test_nobody_for_five_seconds_is_gone() -> None:
    hall = Hall()
    assert not hall.look(3)
    hall.scene.faces = []
    assert not hall.look(4)
    assert hall.look(2)


def test_who_looks_down_at_the_paper_for_a_moment_is_there() -> None:
    hall = Hall()
    for _ in range(4):
        hall.scene.faces = []
        assert not hall.look(4)
        hall.scene.faces = [face()]
        assert not hall.look(1)


def test_who_is_far_in_the_hall_is_not_at_the_kiosk() -> None:
    hall = Hall()
    hall.scene.faces = [face(width=40)]
    assert hall.look(6)


def test_without_a_picture_nobody_knows_who_is_there() -> None:
    hall = Hall()
    assert not hall.look(20, None)
    assert not hall.look(20, b"no picture")


def test_it_looks_no_longer_than_it_was_told() -> None:
    hall = Hall(seconds=10)
    hall.look(8)
    assert not hall.departure.is_over
    hall.look(4)
    assert hall.departure.is_over
