"""What stands among the paragraphs of news sites, and the sentences that look like it."""

from __future__ import annotations

import pytest

from tocsin.sources.boilerplate import is_boilerplate

FURNITURE = {
    "en": """ALSO READ | Harbour crane closes again
Article continues below
Story continues below advertisement
You have 2 free articles left this month.
Thank you for signing up!
Enter your email address
By signing up you agree to our terms and our privacy policy.
This site is protected by reCAPTCHA and the privacy policy and terms of service apply.
Listen to this article
Listen (4 min)
Leave a comment
View comments (12)
Comments are closed.
Join the conversation
Recommended for you
You may also like
Image source, Getty Images
Image caption, A crane in the port
Photo by Mira Holt
FILE PHOTO: A crane stands in the port
Reporting by Mira Holt; editing by Jan Roe
Updated 3 hours ago
Skip to main content
Got a tip? Write to tips@post.example
Contact the author at mira@post.example""",
    "de": """Das könnte Sie auch interessieren
Empfohlener redaktioneller Inhalt
Ich bin damit einverstanden, dass mir externe Inhalte angezeigt werden.
Jetzt Newsletter abonnieren
Zur Startseite
Artikel teilen
Bildrechte: Hafenpost
Lesedauer: 3 Minuten
Alle Rechte vorbehalten.""",
    "fr": """Lire la suite
Article réservé aux abonnés
Temps de lecture : 3 min
Partager l'article
Tous droits réservés
Mis à jour le 2 mars 2026 à 10h15
Abonnez-vous à notre lettre du matin""",
    "es": """Te puede interesar:
Compartir en Facebook
Todos los derechos reservados
Síguenos en nuestras redes
Actualizado a las 10:15""",
    "ru": """Читать далее
Подробнее
Поделиться
Материалы по теме
Все права защищены.
При использовании материалов сайта ссылка обязательна
Оставить комментарий
Комментарии (12)""",
    "ko": """관련 뉴스
함께 본 기사
기사 공유하기
댓글 12
[사진=항만일보]
사진 제공=항만청
김하늘 기자 haneul@post.example
네이버에서 구독하기
글자크기 조절""",
    "ja": """関連ニュース
この記事は有料会員限定です
残り1234文字
会員登録
シェア
写真：港湾新聞
［写真］港のクレーン
おすすめ記事
2026年3月2日 10時15分""",
    "zh": """延伸阅读
记者 王小明
扫码关注
点击查看更多
版权声明
未经授权不得转载
图片来源：港口日报
打开APP阅读全文
展开全文
加入會員""",
}
SENTENCES = {
    "en": """The newsletter was sold in 1998, he said.
North Korea said it would share the technology.
Follow the money, the prosecutor told the jury.
Listen to the people, he told parliament.
By registering with the ministry, every captain gets a berth.
Watch officers saw the missile at 10:15.
The source: a former officer.
Reaction from Seoul""",
    "de": """Das Abonnement kostet künftig mehr.
Die Quelle des Flusses liegt in den Bergen.""",
    "fr": """Pour aller plus loin, Paris veut un accord.
Le journal a publié le texte en 2019.""",
    "es": "Los derechos humanos fueron reservados para el final.",
    "ru": """Министр сообщил, что подписал указ.
При использовании ракет погибли трое.
Фото ракеты опубликовало агентство.""",
    "ko": """합참은 발사 사실을 확인했다고 밝혔다.
네이버가 새 구독 서비스를 시작했다.
구독 서비스 요금이 오른다.
북한의 반응""",
    "ja": """防衛省は続きを調べている。
写真家が港で亡くなった。
2026年3月2日の発射について説明した。""",
    "zh": """国防部表示，来源不明的无人机被击落。
记者在现场看到三艘船。
未经批准不得出海。
关注朝鲜局势的专家说，发射已经结束。""",
}


def cases(texts: dict[str, str]) -> list[str]:
    return [line for text in texts.values() for line in text.split("\n")]


@pytest.mark.parametrize("line", cases(FURNITURE))
def test_what_a_site_puts_among_its_paragraphs_is_furniture(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", cases(SENTENCES))
def test_a_sentence_that_looks_like_furniture_stays(line: str) -> None:
    assert not is_boilerplate(line)
