"""The phrases that a site puts among its paragraphs, by language, as expressions that a whole line must match.

`ALWAYS` can be nothing else; `LABELS` count only where the line is no full sentence (`tocsin.sources.boilerplate`).
"""

from __future__ import annotations

ALWAYS = (
    # en: sharing, subscribing, rights
    "share (this|on|via) .{0,60}",
    "(follow|join|find|like) us (on|at) .{0,80}",
    r"((sign|log) (up|in)|subscribe|register|(click|tap) here)\b.{0,60}\b(newsletters?|inbox|account|app)\b.{0,80}",
    (
        r"((sign|log) (up|in)|subscribe|register|(click|tap) here)\b.{0,60}\b(free|here|our|now|updates"
        r"|continue)\b.{0,60}"
    ),
    r"(get|receive) (the|our|all|more|daily|breaking)\b.{0,60}\b(newsletters?|inbox|app|notifications?)\b.{0,60}",
    "already (a subscriber|have an account).{0,60}",
    "download (the|our) .{0,30}app.{0,60}",
    "(this (article|story|content) is )?(only )?for (paid |premium )?(subscribers|members)( only)?.{0,20}",
    r"(©|\(c\) ?\d{4}|copyright ?(©|\d{4}|\(c\))).{0,150}",
    r".{0,90}\ball rights reserved\b.{0,60}",
    "this (material|article|story) may not be (published|reproduced).{0,120}",
    "(this )?(video|content) (can ?not|could not) be (played|loaded|displayed).{0,60}",
    "(please )?(enable|turn on) (javascript|cookies).{0,60}",
    "your browser does not support.{0,80}",
    "(this|the) article (was )?(first |originally )?(appeared|published) (in|on|at) .{0,60}",
    # en: prompts around the text
    (
        "((article|story|scroll|advertisement)( -)?|scroll) (continues?|to continue)( reading| below| after)*( (this"
        r"|the))?( advertisement)?"
    ),
    r"you('ve| have) (reached|read|\d+|one|two|three)\b.{0,40}\b(free )?articles?\b.{0,40}",
    "you (might|may) also (like|enjoy).{0,60}",
    "thank(s| you) for (signing up|subscribing|reading).{0,60}",
    "enter your e-?mail.{0,40}",
    "(accept|reject|manage) (all )?cookies.{0,30}",
    "this site is protected by recaptcha.{0,120}",
    r"by (signing up|subscribing|registering|clicking)\b.{0,80}\b(agree|accept|consent|terms|privacy)\b.{0,120}",
    "comments are (now )?closed.?",
    "(got|have|do you have) a (news )?(tip|story).{0,100}",
    r"(post|leave|add|view|read|show|hide)( all| a| \d+)? comments?.{0,20}",
    "join the conversation.{0,60}",
    "our standards: .{0,60}",
    r".{0,60}\b(is|are) copyright(ed| protected)\b.{0,80}",
    "unauthori[sz]ed (use|reproduction|distribution).{0,120}",
    (
        r"(additional |with )?(reporting|writing|editing|graphics"
        r"|research) by [^.!?]{3,120}(; ?(additional )?(writing|editing|reporting)[^.!?]{2,80})*\.?"
    ),
    # de, fr, es, pl, el
    "das könnte (sie|dich) (auch )?interessieren.{0,60}",
    "empfohlener (redaktioneller|externer) inhalt.{0,120}",
    "an dieser stelle finden sie.{0,150}",
    "ich bin (damit )?einverstanden.{0,150}",
    "(jetzt )?newsletter (abonnieren|bestellen|anmelden).{0,60}",
    "zur startseite.{0,30}",
    "alle rechte vorbehalten.{0,40}",
    "lire la suite.{0,60}",
    "(article )?réservé aux abonnés.{0,40}",
    "tous droits réservés.{0,40}",
    r"pour aller plus loin\W*",
    "abonnez-vous.{0,90}",
    "(te|le) puede interesar.{0,100}",
    "todos los derechos reservados.{0,40}",
    r"(síguenos|síganos|únete|suscríbete|suscríbase)\b.{0,100}",
    "seguir leyendo.{0,40}",
    r"(lesen sie (auch|mehr|hier)|mehr zum thema|auch interessant|newsletter abonnieren)\b.{0,120}",
    r"(lire|voir) aussi\b.{0,130}",
    r"à lire aussi\b.{0,130}",
    r"(leer|lea|lee|ver) también\b.{0,130}",
    r"(czytaj|zobacz|przeczytaj) (też|także|więcej|również)\b.{0,130}",
    r"(διαβάστε|δείτε) (επίσης|ακόμα|ακόμη|περισσότερα)\b.{0,130}",
    "ακολουθήστε .{0,130}",
    r"(anzeige|werbung|advertisement|publicidad|publicité)\b ?[-–:].{0,100}",
    r"\(?(noch )?keine bewertungen\)?",
    r".{0,120}\.?\s?©.{2,60}",
    r"\(?(credits?|photos?|fotos?|bild|quelle|source)\s?:.{0,120}\)",
    # ru, ko, ja, zh
    "все права защищены.{0,40}",
    r"(при|любое) (использовани|перепечатк|копировани)\w* (материал|сайт|текст|информаци)\w*.{0,140}",
    r"(читайте (также|ещё|еще|нас)|подписывайтесь|подпишитесь|присоединяйтесь|смотрите также)\b.{0,130}",
    r"(네이버|다음|구글|유튜브)\s?(뉴스|채널)?(에서|을|를)?.{0,10}구독\s?(하기|하세요|해 ?주세요)\W*",
    "(함께 본|많이 본|추천|인기) ?(기사|뉴스).{0,6}",
    r"(<?저작권자|ⓒ|관련\s?기사|기사\s?제보|제보는|구독\s?하기|카카오톡).{0,120}",
    r".{0,90}무단\s?(전재|복제|배포).{0,80}",
    "(この|本)記事は(有料)?会員.{0,30}",
    r"残り\s?[\d,]+\s?文字.{0,40}",
    "(関連(記事|ニュース)|あわせて読みたい|こちらもおすすめ|おすすめ(の)?記事|【関連|続きを読む|シェアする).{0,100}",
    ".{0,60}無断(転載|複製).{0,40}",
    r"[(（\[]?(责任编辑|責任編輯|责编|编辑|記者|编译)[:：／/].{0,60}",
    "(相关(新闻|阅读|报道)|延伸閱讀|相關新聞|推荐阅读).{0,100}",
    "(打开|下载|下載).{0,6}(app|客户端|阅读全文).{0,20}",
    "(未经|未經)(授权|授權|许可|許可|同意|书面).{0,6}(不得|禁止|请勿|請勿).{0,8}(转载|轉載|复制|複製|使用|转发).{0,20}",
    "(版权|版權)(声明|聲明).{0,80}",
    "本文来源.{0,40}",
    "(扫一扫|扫码|分享(到|至)|版权所有|更多.{0,12}请|关注.{0,20}(微信|公众号)|(新闻|稿件|文章)?来源[:：]|原标题[:：]).{0,100}",
)
LABELS = (
    (
        "(recommended for you|don't miss|what to read next|editors?['’]s? (picks?|choice)|top stories"
        r"|join the conversation|copied to clipboard)(:.{0,100})?"
    ),
    (
        r"(listen|watch|play|view)( to)?( (this|the) (article|story|video|gallery))?( below"
        r"| above)?( ?\(?\d+:?\d* ?min\w*\)?)?"
    ),
    "skip to (main )?content",
    "(image|photo|picture|video) (source|caption|credit|by)s?,? .{2,100}",
    "file (photo|picture|image)(:.{0,160})?",
    "photos? by .{2,60}",
    "contact (the (author|writer|reporter)|us).{0,80}",
    r"updated? \d+ (min\w*|hours?|days?) ago",
    r"\((reuters|ap|afp|dpa|中央社|新华社|共同)\)",
    "（(中央社|新华社|共同)[^）]{0,12}）",
    r"(bildrechte|bildquelle|fotos?|bild)\s?[:/©].{0,80}",
    r"(lesedauer|temps de lecture|tiempo de lectura|время чтения)\s?:?.{0,20}",
    r"\d+ ?min\w*\.? (lesezeit|de lecture|de lectura|чтения)",
    (
        "(artikel (teilen|drucken|merken|anhören)|schließen|mehr anzeigen|merken|empfehlen|partager( l['’]article"
        r"| sur .{2,20})?|s['’]abonner|commenter|voir plus|fermer)"
    ),
    "(compartir|ver más|guardar|comentar|cerrar)( en .{2,20}| artículo)?",
    r"(mis à jour|publié|actualizado|publicado|modifié)\b (le|a las|el)\b.{2,40}",
    ".{2,20} avec (afp|reuters)",
    r"(читать далее|подробнее|подписаться|поделиться|материалы по теме|по теме|показать ещё|скрыть|распечатать)\W*",
    r"(оставить )?комментари[ий]\w*( ?\(?\d*\)?)",
    r"(관련\s?뉴스|(기사\s?)?공유(하기)?|좋아요|글자\s?크기.{0,8}|댓글\s?\d*|인쇄(하기)?|닫기|더보기|스크랩|.{0,3}제보하기|로그인|회원가입)",
    r"[\[(（<]?(사진|그래픽|자료|영상)\s?(제공|출처)?\s?[:=/].{1,40}",
    r"[가-힣]{2,4} (기자|특파원)( ?[\w.+-]+@[\w.-]+)?",
    "[가-힣]{2,4}=(연합뉴스|뉴스1|뉴시스)",
    r"[［\[【(（](写真|図|画像|動画)[］\]】)）][^。]{0,60}",
    r"(写真|図|画像|動画)\s?[:：=＝/].{1,40}",
    r"(会員登録|ログイン|シェア|ツイート|印刷|コメント|保存|広告|pr|もっと見る|閉じる|一覧)(する)?\s?\d*",
    r"\d{4}年\d{1,2}月\d{1,2}日[\s\d:：时分時（）()月火水木金土日曜更新配信公開]{0,24}",
    "[(（]?(图片?|圖片?|照片|视频|視頻)(来源|來源)?[:：/／].{1,40}",
    "(记者|記者)[ :：/／][^。，,]{2,12}",
    r"(阅读量?|浏览|点击|评论)\s?\d*",
    "(点击|點擊|點我|点我)?(查看|看|阅读|閱讀)(更多|全文|原文)",
    "展开全文",
    "举报",
    "收藏",
    "分享",
    "延伸(阅读|閱讀)",
    "(加入|登入|登录)(会员|會員)?",
    "返回(顶部|首页)",
    r"(share|print|save|email|copy|comment|report)s?( (this|link|article|story|page|via|to|by)\b.{0,60})?",
    r"(follow|contact) .{3,60} (on|at) (twitter|x|facebook|instagram|linkedin|telegram|@\S+).{0,60}",
    r"(read|see|watch|listen|find out)( (more|also|next|now|full story|the full (story|article)))\b.{0,120}",
    (
        r"(also|more|related|recommended|most|must) (read|reads|stories|articles|news|coverage|topics"
        r"|popular)\b:?.{0,120}"
    ),
    "(more|also) (from|on|in) .{0,80}",
    "(related|advertisement|advertising|ad|sponsored|promoted|trending|recommended|anzeige|werbung|реклама|광고|広告|广告)",
    "(notas? relacionadas?|noticias relacionadas|te puede interesar|articles? liés?|artículos relacionados)",
    "drukuj",
    "wydrukuj",
    "imprimir",
    "imprimer",
    "drucken",
    "распечатать",
    r".{0,50}\bals pdf herunterladen",
    "(continue reading|story continues) below.{0,40}",
    r"(read|watch|listen|related|also|see also|video|gallery|more)\s?:.{0,130}",
    r"(photo|image|picture|credit|source|caption|foto|bild|quelle)s?(:? ?(by|credit))?\s?[:=/©].{0,120}",
    r"(фото|источник|사진|写真|图片)\s?[:=/©].{0,120}",
    r".{0,90}\((photo|image|foto|bild|фото|사진)\b[^)]{0,60}\)",
    r"[^.!?]{0,60}(/|via )(ap|afp|reuters|getty images|epa|shutterstock|imago|dpa|yonhap)\b[^.!?]{0,20}",
    "(ap|afp|reuters|getty images|epa|shutterstock|imago|dpa|yonhap|tass|xinhua|kyodo)( photo)?",
    r"\d* ?(comments?|shares?|views?|likes?|min(ute)?s?(?: read| ago)?|hours? ago|days? ago)",
    r"(last )?(updated?|published|posted|modified|edited)\b.{0,70}\d{4}.{0,40}",
    r"(erstellt|aktualisiert|veröffentlicht|publiziert|stand|publié|publicado|opublikowano)\b.{0,70}\d{4}.{0,40}",
    r"(입력|수정|기사입력|최종수정|송고|등록|发布时间|時間|更新|公開|опубликовано|обновлено)\s?[:：]?\s?\d{4}.{0,60}",
    r"(tags?|topics?|categor(y|ies)|filed under|keywords?|themen|теги|标签|キーワード)\s?[:：].{0,130}",
    r"(loading|please wait|skip to content|back to top|home|menu|next|previous|close|play|pause|live|teilen)\W*",
    r"(by|von|par|por) (?:[^\W\d_][\w.'-]+ ?){1,4}",
    r"\d{1,2}[:.]\d{2}( (uhr|am|pm|kst|gmt))?",
)
