"""An article that says of itself that it is taken back, and headlines that only look so."""

import pytest

from tocsin.articles.retraction import is_retracted

LONG = ("The quay was swept and the boats were tied up before the storm came in from the west on Friday.",) * 9


@pytest.mark.parametrize(
    "title",
    [
        "RETRACTED: Ferry sunk off the cape",
        "[Retracted] Ferry sunk off the cape",
        "Kill notice – Ferry sunk off the cape",
        "KILL ADVISORY",
        "Story withdrawn: Ferry sunk off the cape",
        "Withdrawal | Ferry sunk",
        "[전문 취소] 여객선 침몰",
        "기사 삭제: 여객선 침몰",
        "【記事取り消し】フェリー沈没",
        "取り消し:フェリー沈没",
        "АННУЛИРУЕТСЯ: Паром затонул",
        "撤稿:渡轮沉没",
    ],
)
def test_headline_marked_as_taken_back(title):
    assert is_retracted(title, LONG)


@pytest.mark.parametrize(
    "title",
    [
        "Withdrawn troops return to the garrison",
        "Kill switch for harbour cranes tested",
        "Removed from office, the harbour master sues",
        "Retraction of the landing gear failed, pilot says",
        "공연 취소: 관객 환불",
        "[Photos] Withdrawn ferries in the fog",
        "Отозвано приглашение на переговоры в порту",
        "撤稿风波后主编辞职",
        "Killed in action: names on the wall",
    ],
)
def test_headline_about_something_taken_back_is_none(title):
    assert not is_retracted(title, LONG)


@pytest.mark.parametrize(
    "notice",
    [
        "This story has been withdrawn. A corrected version will follow.",
        "Editor's note: the article was removed because its source could not be confirmed.",
        "이 기사는 취소합니다.",
        "本报道已撤回。",
        "この記事を取り消します。",
        "Сообщение аннулируется.",
    ],
)
def test_notice_in_place_of_the_text(notice):
    assert is_retracted("Ferry sunk off the cape", [notice])
    assert not is_retracted("Ferry sunk off the cape", [*LONG, notice]), "a quotation in a long text is no notice"
