"""The shipped entities: whether the data keeps its own promises, apart from any engine."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from tocsin.specs.rules import EntitySpec, Name

ENTITIES = Path(__file__).parents[3] / "rules" / "entities"
LANGUAGES = {"en", "ko", "ja", "ru", "zh"}

STATES = """
    dprk rok usa russia china japan ukraine belarus iran israel india pakistan taiwan uk france germany poland vietnam
    australia canada turkey nato eu un syria houthis hezbollah hamas
"""

SIGNS = {
    "dprk": "북北朝",
    "rok": "한남韓韩",
    "usa": "미美米",
    "russia": "러露ロ俄",
    "china": "중中",
    "japan": "일日",
    "ukraine": "우乌烏",
}
"""How headlines in Korean, Japanese and Chinese shorten a state; a name made of two states' signs stands with both."""

ENDINGS = """
    а я о е у ю ы и ь й ой ей ью ом ем ам ям ами ями ах ях ов ев ий ию ии ия ие ец ца цу цем цы цев
    ый ая ое ые ого ому ым ых ыми его ему им их ими ую
"""
"""Russian case endings of nouns and adjectives."""


def texts():
    """Each document's text with its parsed value: comments matter here."""
    for file in sorted(ENTITIES.glob("*.yaml")):
        for text in file.read_text(encoding="utf-8").split("\n---\n"):
            yield text, yaml.safe_load(text)


SPECS = {value["id"]: EntitySpec.model_validate(value) for _, value in texts()}


def plain(name):
    return name.name if isinstance(name, Name) else name


def folded(text):
    return " ".join(re.sub(r"[-.]", " ", text.lower().replace("ё", "е").replace("·", "・")).split())


def names(spec, *languages):
    """Names of a spec in the given languages, or in all."""
    return [name for code, some in spec.names.items() if not languages or code in languages for name in some]


def written(spec):
    """All that is written in the word syntax."""
    return [*map(plain, names(spec)), *spec.not_]


def marked(name, attribute):
    return isinstance(name, Name) and getattr(name, attribute)


def family(spec):
    """An entity and all that it stands for."""
    ids = {spec.id}
    while spec.of:
        ids.add(spec.of)
        spec = SPECS[spec.of]
    return ids


def is_one_family(ids):
    return any(ids <= family(SPECS[one]) for one in ids)


def is_name_of_all(name, ids):
    return all(set(SIGNS.get(one, "")) & set(name) for one in ids)


def test_no_id_stands_twice():
    counted = Counter(value["id"] for _, value in texts())
    assert [one for one, times in counted.items() if times > 1] == []


def test_the_states_of_the_watch_are_there():
    assert set(STATES.split()) - set(SPECS) == set()


def test_every_entity_has_a_kind():
    assert [spec.id for spec in SPECS.values() if not spec.kind] == []


def test_every_entity_has_names_in_all_five_languages_or_says_why_not():
    silent = [
        (value["id"], code)
        for text, value in texts()
        for code in LANGUAGES - set(value["names"])
        if not re.search(rf"# no {code}: \S", text)
    ]
    assert silent == []


def test_an_entity_stands_for_one_that_is_known_and_never_in_a_circle():
    for spec in SPECS.values():
        seen, at = {spec.id}, spec
        while at.of:
            assert at.of in SPECS, at.id
            at = SPECS[at.of]
            assert at.id not in seen, spec.id
            seen.add(at.id)


def test_a_name_belongs_to_one_entity_but_for_the_short_names_of_two_states():
    owners = defaultdict(set)
    for spec in SPECS.values():
        for name in names(spec):
            owners[folded(plain(name))].add(spec.id)
    clashes = {name: ids for name, ids in owners.items() if not (is_one_family(ids) or is_name_of_all(name, ids))}
    assert clashes == {}


def test_no_name_stands_twice_in_one_language():
    twice = [
        (spec.id, code, name)
        for spec in SPECS.values()
        for code, some in spec.names.items()
        for name, times in Counter(folded(plain(name)) for name in some).items()
        if times > 1
    ]
    assert twice == []


def test_no_entity_refuses_its_own_name():
    refused = {
        spec.id: set(map(folded, map(plain, names(spec)))) & set(map(folded, spec.not_)) for spec in SPECS.values()
    }
    assert {one: found for one, found in refused.items() if found} == {}


def test_every_refused_context_holds_a_name_that_it_can_hide():
    idle = []
    for spec in SPECS.values():
        stems = [re.sub("[~* ]", "", folded(plain(name))) for name in names(spec)]
        idle += [
            (spec.id, context)
            for context in spec.not_
            if not any(stem in re.sub("[~* ]", "", folded(context)) for stem in stems)
        ]
    assert idle == []


@pytest.mark.parametrize(
    ("mistake", "pattern"),
    [
        ("space at an end, or two together", r"^ | $|  "),
        ("a quotation mark", r'"'),
        ("a mark inside a word", r"[~*](?! |$)"),
        ("a mark without a stem of two letters", r"(^|[ -])\w?[~*]"),
        ("Latin letters in a Cyrillic word", r"[а-яёА-ЯЁ][a-zA-Z]|[a-zA-Z][а-яёА-ЯЁ]"),
    ],
)
def test_no_name_has(mistake, pattern):
    found = [(spec.id, name) for spec in SPECS.values() for name in written(spec) if re.search(pattern, name)]
    assert found == [], mistake


@pytest.mark.parametrize(
    ("code", "script"),
    [
        ("en", "[A-Za-zÉ]"),
        ("ko", "[가-힣A-Z]|[北韓美日]"),
        ("ja", "[\u3040-\u30ff\u4e00-\u9fffA-Z]"),
        ("ru", "[а-яёА-ЯЁA-Z]"),
        ("zh", "[\u4e00-\u9fffA-Z]"),
    ],
)
def test_names_are_written_in_the_script_of_their_language(code, script):
    foreign = [
        (spec.id, plain(name))
        for spec in SPECS.values()
        for name in names(spec, code)
        if not re.search(script, plain(name))
    ]
    assert foreign == []


def test_a_single_korean_or_chinese_character_is_weak():
    """One character is part of too many other words to count by itself; Guam's Korean syllable is in no other."""
    strong = {
        plain(name)
        for spec in SPECS.values()
        for name in names(spec, "ko", "ja", "zh")
        if len(plain(name)) == 1 and not marked(name, "weak")
    }
    assert strong == {"괌"}


def test_a_short_english_abbreviation_minds_its_case():
    loose = [
        (spec.id, plain(name))
        for spec in SPECS.values()
        for name in names(spec, "en")
        if re.fullmatch("[A-Z]{2,3}", plain(name)) and not marked(name, "case")
    ]
    assert loose == []


def test_a_weak_name_has_a_strong_one_beside_it():
    lonely = [spec.id for spec in SPECS.values() if all(marked(name, "weak") for name in names(spec))]
    assert lonely == []


@pytest.mark.parametrize(
    ("entity", "forms"),
    [
        ("dprk", "Северная Корея, Северной Кореи, Северной Корее, Северную Корею, Пхеньяна, Пхеньяном, Пхеньяне"),
        ("dprk", "северокорейский, северокорейского, северокорейские, северокорейских, северокорейцы, северокорейцев"),
        ("rok", "Южная Корея, Южной Кореи, Республика Корея, Республики Корея, Сеул, Сеула, Сеулом, южнокорейская"),
        ("russia", "Россия, России, Россией, Москва, Москвы, Москвой, Кремль, Кремля, Кремлём, российскими"),
        ("china", "Китай, Китая, Китаю, Китаем, Китае, Пекин, Пекина, Пекином, китайская"),
        ("japan", "Япония, Японии, Японию, японский, японской, японцы"),
        ("ukraine", "Украина, Украины, Украине, Украину, Киев, Киева, Киевом, украинских"),
        ("usa", "Вашингтон, Вашингтона, Вашингтоном, американских, Белый дом, Белого дома, Белым домом"),
        ("israel", "Израиль, Израиля, Израилю, Израилем, Израиле, израильская"),
        ("iran", "Иран, Ирана, Ираном, Тегерана, иранскими"),
        ("putin", "Путин, Путина, Путину, Путиным, Путине"),
        ("kim-jong-un", "Ким Чен Ын, Ким Чен Ына, Ким Чен Ыну, Ким Чен Ыном, Ким Чен Ыне, Ким Чен-ына"),
        ("yoon-suk-yeol", "Юн Сок Ёль, Юн Сок Ёля, Юн Сок Ёлю, Юн Сок Ёлем, Юн Сок Еля"),
        ("zelensky", "Зеленский, Зеленского, Зеленскому, Зеленским"),
        ("lavrov", "Лавров, Лаврова, Лаврову, Лавровым"),
        ("kursk", "Курск, Курска, Курске, Курская область, Курской области, Курскую область"),
        ("korean-peninsula", "Корейский полуостров, Корейского полуострова, Корейском полуострове"),
        ("kinzhal", "Кинжал, Кинжала, Кинжалами, Кинжалов"),
        ("russian-military", "российская армия, российской армии, российские войска, Вооружённые силы России"),
        ("un-security-council", "Совет Безопасности ООН, Совета Безопасности ООН, Совбез ООН, Совбеза ООН"),
    ],
)
def test_russian_names_reach_their_cases(entity, forms):
    patterns = [declined(plain(name)) for name in names(SPECS[entity], "ru")]
    lost = [form for form in forms.split(", ") if not any(pattern.fullmatch(folded(form)) for pattern in patterns)]
    assert lost == []


def declined(name):
    """`Северн~ Коре~` as a pattern of regular case endings."""
    endings = f"(?:{'|'.join(sorted(ENDINGS.split(), key=len, reverse=True))})?"
    return re.compile(re.escape(folded(name)).replace("\\~", "~").replace("~", endings))


@pytest.mark.parametrize(
    "spelling",
    ["Kim Jong Un", "Kim Jong-un", "Kim Jong Eun", "김정은", "金正恩", "キム・ジョンウン", "Ким Чен Ын~"],
)
def test_the_leader_is_known_by_every_romanisation(spelling):
    assert folded(spelling) in {folded(plain(name)) for name in names(SPECS["kim-jong-un"])}
