import pytest

from tocsin.rules.demands import demands


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("ミサイル[0-9]+発", {"ミサイル"}),
        ("一箭.星|[にへ]ミサイル", {"一箭", "ミサイル"}),
        ("(部隊|兵士|海兵隊)、[^、]{1,8}へ", {"部隊", "兵士", "海兵隊"}),
        ("launch(ed)? \\d+ drone", {"launch"}),
        ("미사일 ?[0-9]+발", {"미사일"}),
    ],
)
def test_letters_that_plainly_stand_there_are_demanded(expression, wanted):
    assert demands(expression) == wanted


@pytest.mark.parametrize(
    "expression", ["KN-\\d{2}", "(launch)?", "launch|\\d", "[launch]", "\\Qlaunch\\E", "launch{0,2}|x", "(launch"]
)
def test_where_nothing_is_plain_nothing_is_demanded(expression):
    assert demands(expression) == frozenset()
