from kiosk.station.watch import AWAY_SECONDS, CodesInView


def shown(view: CodesInView, *looks: tuple[float, list[str]]) -> list[list[str]]:
    return [view.newly_shown(texts, at) for at, texts in looks]


def test_a_code_held_still_is_shown_once() -> None:
    looks = [(at / 5, ["card"]) for at in range(100)]
    assert [at for at, new in enumerate(shown(CodesInView(), *looks)) if new] == [0]


def test_a_blurred_moment_does_not_show_it_again() -> None:
    assert shown(CodesInView(), (0, ["card"]), (1, []), (2, []), (2.5, ["card"])) == [["card"], [], [], []]


def test_a_code_that_was_away_is_shown_again() -> None:
    away: list[tuple[float, list[str]]] = [(at / 2, []) for at in range(1, int(AWAY_SECONDS * 2) + 2)]
    assert shown(CodesInView(), (0, ["card"]), *away, (5, ["card"]))[-1] == ["card"]


def test_another_code_is_new_at_once() -> None:
    assert shown(CodesInView(), (0, ["card"]), (0.2, ["card", "ticket"])) == [["card"], ["ticket"]]


def test_two_of_the_same_in_one_picture_are_one() -> None:
    assert CodesInView().newly_shown(["card", "card"], 0) == ["card"]


def test_a_card_left_lying_while_nobody_looked_is_not_shown_to_the_next_patient() -> None:
    # the first patient's confirmation and choice take two minutes, in which no picture is decoded
    assert shown(CodesInView(), (0, ["card"]), (120, ["card"]), (120.5, ["card"])) == [["card"], [], []]
