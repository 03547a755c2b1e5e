import pytest

from tocsin.text import fold, sentences, skim


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It flew. It fell.", ["It flew.", "It fell."]),
        ("The U.S. and Gen. Smith agreed. Then they left.", ["The U.S. and Gen. Smith agreed.", "Then they left."]),
        ('"It flew." She left!', ['"It flew."', "She left!"]),
        ("About 3.5 km. high", ["About 3.5 km. high"]),
        ("미사일을 쐈다. 그리고 끝났다.", ["미사일을 쐈다.", "그리고 끝났다."]),
        ("ミサイルが発射された。政府は抗議した。", ["ミサイルが発射された。", "政府は抗議した。"]),
        ("「発射した。成功だ」と述べた。次に移る。", ["「発射した。成功だ」と述べた。", "次に移る。"]),
        ("导弹升空！军方证实。", ["导弹升空！", "军方证实。"]),
        ("В 2020 г. Россия ушла. Потом вернулась.", ["В 2020 г. Россия ушла.", "Потом вернулась."]),
        ("line one\nline two", ["line one", "line two"]),
        ("", []),
        ("   ", []),
    ],
)
def test_sentences(text, parts):
    assert split(text) == parts


def test_folding_keeps_the_length_of_letters_that_grow():
    for text in ("İstanbul", "ẞ", "Ω", "a\u0301\u200b\U0001f680\x00", "ＡＢＣ", "\ud800x"):
        assert len(fold(text)) == len(text)


def test_folding_unifies_quotes_hyphens_and_case():
    assert fold("The North’s KN–23—Ё") == "the north's kn 23 е"


def test_no_character_is_skimmed_differently_beside_others():
    for code in (*range(0x3100), *range(0xA640, 0xAC10), *range(0xFF00, 0x10000)):
        char = chr(code)
        for beside in ("’", "ж", "한"):
            assert skim(char + beside) == skim(char) + skim(beside), hex(code)
