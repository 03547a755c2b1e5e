import pytest

from tocsin.rules.lexicon import Lexicon
from tocsin.rules.patterns import PatternError, parse


def found(source: str, text: str, *, case: bool = False) -> list[str]:
    return [text[start:end] for _, (start, end) in Lexicon([parse(source, case=case)]).find(text)]


@pytest.mark.parametrize(
    ("source", "text", "hits"),
    [
        ("launch", "The launch, a LAUNCH and launches.", ["launch", "LAUNCH"]),
        ("launch", "relaunch launchpad", []),
        ("launch*", "launchpad launched relaunch", ["launchpad", "launched"]),
        ("launch~", "launches launched launching launchpad launch's", ["launches", "launched", "launching", "launch"]),
        ("fire~", "fires fired firing fire firefly", ["fires", "fired", "firing", "fire"]),
        ("ratify~", "ratifies ratified ratifying ratify", ["ratifies", "ratified", "ratifying", "ratify"]),
        ("ban~", "bans banned banning banner", ["bans", "banned", "banning"]),
        ("test-fire~", "test fired, test-fires, test  firing", ["test fired", "test-fires", "test  firing"]),
        ("People's Army", "the People’s Army", ["People’s Army"]),
        ("N. Korea", "N. Korea and N.Korea", ["N. Korea", "N.Korea"]),
        ("Северн~ Коре~", "в Северной Корее, Северная Корея", ["Северной Корее", "Северная Корея"]),
        ("запуск~", "запуском запуски запускник", ["запуском", "запуски"]),
        ("запуст~", "запустил запустили запустилась", ["запустил", "запустили", "запустилась"]),
        ("Ким Чен Ын~", "Ким Чен Ына", ["Ким Чен Ына"]),
        ("북한", "북한이 남북한은", ["북한"]),
        ("*발사", "시험발사했다 발사", ["발사", "발사"]),
        ("시험 사격", "시험사격을 시험 사격을", ["시험사격", "시험 사격"]),
        ("导弹", "发射导弹试验", ["导弹"]),
        ("KN-23", "朝鲜KN-23导弹", ["KN-23"]),
        ("ICBM", "ＩＣＢＭを発射", ["ＩＣＢＭ"]),
        ("sign~ ..3 pact~", "signed a new defence pact, signed pacts", ["signed a new defence pact", "signed pacts"]),
        ("sign~ ..2 pact~", "signed a new defence pact", []),
        ("agree* ..2 to ..1 leave", "agreed to to quickly leave", ["agreed to to quickly leave"]),
        ("발사 ..2 미사일", "발사한 새 미사일을", ["발사한 새 미사일"]),
        ("キム・ジョンウン", "キム·ジョンウン氏", ["キム·ジョンウン"]),
    ],
)
def test_words_find_what_they_mean(source, text, hits):
    assert found(source, text) == hits


def test_case_matters_only_when_asked():
    assert found("US", "us and US", case=True) == ["US"]
    assert found("US", "us and US") == ["us", "US"]


@pytest.mark.parametrize("source", ["*", "~", "lau*nch", "~launch", "a*", "...", "launch *", "la~unch fire"])
def test_words_against_the_syntax_are_refused(source):
    with pytest.raises(PatternError):
        parse(source)


def test_a_phrase_is_found_by_its_longest_word_whatever_stands_before():
    assert found("the very northern sea", "The very northern sea; the very northern lake") == ["The very northern sea"]


@pytest.mark.parametrize(
    ("source", "text", "hits"),
    [
        ("KN-23", "KN-23을 쐈다", ["KN-23"]),
        ("KN-23", "The KN-23미사일 flew over the sea, the papers of the whole capital said", ["KN-23"]),
        ("launch", "launch", ["launch"]),
        ("launch", "launch’s «launch» launch… launchпуск", ["launch", "launch", "launch"]),
        ("dogs'", "dogs' dogs'朝鲜", ["dogs'", "dogs'"]),
        ("sea air", "sea air, sea-air朝鲜, sea airs", ["sea air", "sea-air"]),
    ],
)
def test_a_word_ends_where_its_script_ends_it(source, text, hits):
    assert found(source, text) == hits


def test_words_too_many_for_a_table_are_found_like_few():
    many = [f"word{'abcdefghij'[number % 10]}{number}" for number in range(20_000)]
    text = "Worda0 wordb11, worda0s 'wordj19999' KN-23을"
    some = ["worda0", "wordb11", "wordj19999", "word*", "kn-23"]
    few = Lexicon([parse(one) for one in some])
    lexicon = Lexicon([parse(one) for one in [*some, *many]])
    assert [one for one in lexicon.find(text) if one[0] < len(some)] == few.find(text)
    assert {lexicon.patterns[index].source for index, _ in lexicon.find(text)} == set(some)
