"""`rules/`: what to watch for (rules), whom and what is meant (entities, terms), how things are said (cues)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tocsin.model import Assertion, Severity, Status
from tocsin.specs.base import Duration, Id, Language, Spec

Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Scope = Annotated[str, StringConstraints(pattern=r"^(sentence|paragraph|article|[1-9]\d{0,2} words)$")]


class CaseWord(Spec):
    """A word or phrase of a condition, with more to say about it."""

    name: Words
    case: bool = False
    """True: only in this spelling of upper and lower case."""


class Node(Spec):
    """One condition: a combination, words that must stand in the text, or what the article is; the rest qualifies it.

    Exactly one of all, any, none, at_least; entity, terms, words, regex, rule; language, source, tags, url.
    """

    all: tuple[Node, ...] | None = None
    any: tuple[Node, ...] | None = None
    none: tuple[Node, ...] | None = None
    at_least: Annotated[int, Field(ge=1)] | None = None
    """With `of`: at least so many of these."""
    of: tuple[Node, ...] | None = None
    entity: Id | tuple[Id, ...] | None = None
    terms: Id | tuple[Id, ...] | None = None
    words: Words | tuple[Words | CaseWord, ...] | None = None
    """Words and phrases, of any language: `launch*`, `launch~`, `sign~ ..3 pact`, `{name: ROK, case: true}`."""
    regex: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    """A regular expression in RE2's syntax, over the text as it stands, in capitals or not."""
    rule: Id | None = None
    language: Language | tuple[Language, ...] | None = None
    """The article is in this language, or one of these."""
    source: Id | tuple[Id, ...] | None = None
    """The article came from this source, or one of these."""
    tags: Id | tuple[Id, ...] | None = None
    """The article's source has this tag, or one of these."""
    url: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    """This stands in the article's address, in capitals or not: `/sports/`."""
    as_: Literal["actor", "object"] | None = Field(default=None, alias="as")
    """With `entity`: the part it must play."""
    within: Scope | None = None
    """How near the parts must stand: sentence, paragraph, article or `<N> words`."""
    field: Literal["title", "deck", "lead", "body"] | None = None
    """Where it must stand, with all inside it; anywhere when absent. The lead is the first two paragraphs."""
    stands: Literal["before", "after"] | None = None
    """On which side of the event word it must stand, with all inside it; either when absent."""


class Corroborate(Spec):
    """Tell a first alert as unconfirmed until so many independent origins report it."""

    origins: Annotated[int, Field(ge=2, le=20)]
    within: Duration


class AlertSpec(Spec):
    """How a rule's alerts are told."""

    to: tuple[Id, ...] | None = None
    """Channels; the routes decide when absent."""
    corroborate: Corroborate | None = None


class Proof(Spec):
    """One sentence or short text that a rule must judge so: exactly one of event, mention, none."""

    event: str | None = None
    mention: str | None = None
    none: str | None = None
    title: str | None = None
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    language: Language | None = None


class RuleSpec(Spec):
    """One watch rule."""

    id: Id
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    description: str = ""
    severity: Severity = Field(default=Severity.MEDIUM)
    status: Status = Field(default=Status.STABLE)
    tags: tuple[Id, ...] = ()
    when: Node
    unless: tuple[Node, ...] = ()
    assertion: tuple[Assertion, ...] = Field(default=(Assertion.ASSERTED,))
    alert: AlertSpec = AlertSpec()
    tests: tuple[Proof, ...] = ()


class Name(Spec):
    """One name of an entity."""

    name: Words
    case: bool = False
    """True: only in this spelling of upper and lower case."""
    weak: bool = False
    """True: counts only beside a strong name of the same entity, and before no capitalised word."""


class EntitySpec(Spec):
    """A thing with all its names in all languages."""

    id: Id
    title: str
    kind: str = ""
    of: Id | None = None
    """The entity this one stands for: a leader or ministry counts as its state."""
    names: dict[Language, tuple[Words | Name, ...]]
    not_: tuple[Words, ...] = Field(default=(), alias="not")
    """Longer names that are something else: `North Korea` in `North Korea Post` …"""


class TermsSpec(Spec):
    """A named list of words in all languages, reused across rules."""

    id: Id
    title: str = ""
    words: dict[Language, tuple[Words, ...]]
    not_: tuple[Words, ...] = Field(default=(), alias="not")
    """Longer wordings in which a word of the list means something else: `product launch`."""


CueClass = Literal["denied", "planned", "hypothetical", "historical", "drill", "opinion", "recent", "asserted"]


class Cue(Spec):
    """Words that tell how a thing is said.

    `recent` speaks against `historical` in the same sentence; `asserted` protects: a cue inside a longer one is not
    read.
    """

    class_: CueClass = Field(alias="class")
    words: tuple[Words, ...] = Field(min_length=1)
    direction: Literal["before", "after", "both"] = "before"
    """Where the cue stands, seen from the event word."""
    reach: Annotated[int, Field(ge=0, le=30)] | Literal["clause", "sentence"] = 3
    """How many content words may stand between cue and event word; or as far as the clause or the sentence goes."""


class CuesSpec(Spec):
    """The cues of one language; several files for one language add up."""

    language: Language
    cues: tuple[Cue, ...] = Field(min_length=1)
    stops: tuple[Words, ...] = ()
    """Words that end a clause, and with it a cue's reach: but, although."""
    small: tuple[Words, ...] = ()
    """Words that do not count as content words: the, of, a."""
    saying: tuple[Words, ...] = ()
    """Words by which a text quotes somebody: said, according to. They tell who a report comes from."""
