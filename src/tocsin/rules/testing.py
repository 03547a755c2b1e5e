"""Runs the proofs of rules and filters: each test's text is judged, and the grade must be the one written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tocsin.model import Assertion, Document, Field, Grade, Match
from tocsin.rules.book import RuleBook
from tocsin.rules.filters import filters_of
from tocsin.rules.judge import Judge
from tocsin.specs.base import Located
from tocsin.specs.filters import FilterProof, FilterSpec
from tocsin.specs.proofs import ProofsSpec
from tocsin.specs.rules import Proof, RuleSpec

GRADES = ("event", "mention", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofResult:
    """One test, run."""

    rule: str
    """The rule (or filter) it belongs to."""
    index: int
    """Position in its `tests:`, from 0."""
    expected: str
    got: str
    passed: bool
    text: str
    explanation: str
    """Why the rule judged so, in words."""
    file: str
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedProof:
    """A test of a rule, wherever it is written."""

    rule: str
    index: int
    proof: Proof
    source: Located[RuleSpec] | Located[ProofsSpec]

    @property
    def expected(self) -> tuple[str, str]:
        """The grade, and the text that must get it."""
        return next((kind, value) for kind in GRADES if (value := getattr(self.proof, kind)) is not None)

    @property
    def document(self) -> Document:
        """The text as the rules read it."""
        return proof_document(self.expected[1], self.proof)


def proofs(book: RuleBook) -> Iterator[PlacedProof]:
    """Every test of every rule: in its own document, then in documents of proofs."""
    for one in book.rules:
        for index, proof in enumerate(one.spec.tests):
            yield PlacedProof(rule=one.spec.id, index=index, proof=proof, source=one)
    for more in book.proofs:
        for index, proof in enumerate(more.spec.tests):
            yield PlacedProof(rule=more.spec.proofs, index=index, proof=proof, source=more)


def run_proofs(judge: Judge, book: RuleBook) -> Iterator[ProofResult]:
    """The results of every rule's and filter's tests, in file order."""
    for placed in proofs(book):
        yield _run(judge, placed)
    under = filters_of(book)
    for located in book.filters:
        rules = {rule for rule, filters in under.items() if located.spec in filters}
        for index, proof in enumerate(located.spec.tests):
            yield _run_filter(judge, located, rules, index, proof)


def _run(judge: Judge, placed: PlacedProof) -> ProofResult:
    expected, text = placed.expected
    match = next((one for one in judge.matches(placed.document) if one.rule == placed.rule), None)
    got = match.grade.value if match else "none"
    line, column = placed.source.positions.get(("tests", placed.index), (1, 1))
    return ProofResult(
        rule=placed.rule,
        index=placed.index,
        expected=expected,
        got=got,
        passed=got == expected,
        text=text,
        explanation=explain(match),
        file=placed.source.file,
        line=line,
        column=column,
    )


def _run_filter(
    judge: Judge, located: Located[FilterSpec], rules: set[str], index: int, proof: FilterProof
) -> ProofResult:
    expected, text = ("suppresses", proof.suppresses) if proof.suppresses is not None else ("keeps", proof.keeps or "")
    found = [match for match in judge.matches(filter_document(proof)) if match.rule in rules]
    taken = [match for match in found if match.filter == located.spec.id]
    told = [match for match in found if match.grade is Grade.EVENT]
    got = "suppresses" if taken and not told else "keeps" if told else "none"
    line, column = located.positions.get(("tests", index), (1, 1))
    return ProofResult(
        rule=located.spec.id,
        index=index,
        expected=expected,
        got=got,
        passed=got == expected,
        text=text,
        explanation="; ".join(f"{match.rule}: {explain(match)}" for match in found) or "none of its rules fired",
        file=located.file,
        line=line,
        column=column,
    )


def filter_document(proof: FilterProof) -> Document:
    """A filter's test as a document."""
    return proof_document(proof.suppresses or proof.keeps or "", Proof(title=proof.title, date=proof.date))


def proof_document(text: str, proof: Proof) -> Document:
    """A test as a document: its title if it has one, and its paragraphs."""
    whole = f"{proof.title}\n{text}" if proof.title else text
    published = datetime.fromisoformat(proof.date).replace(tzinfo=UTC) if proof.date else None
    return Document(
        id="test",
        text=whole,
        fields=fields_of(whole, titled=proof.title is not None),
        language=proof.language,
        published=published,
    )


def fields_of(text: str, *, titled: bool) -> tuple[Field, ...]:
    """Title (the first line, when there is one) and body paragraphs (every further line that is not blank)."""
    fields, start = [], 0
    for number, line in enumerate(text.split("\n")):
        if line.strip():
            fields.append(Field("title" if titled and number == 0 else "body", start, start + len(line)))
        start += len(line) + 1
    return tuple(fields)


def explain(match: Match | None) -> str:
    """One sentence on a match: what was found, and what decided how it is said."""
    if match is None:
        return "the rule did not fire"
    found = ", ".join(f"{one.text!r} ({one.because})" for one in match.evidence if not one.because.startswith("cue:"))
    if match.filter:
        return f"{match.grade.value}: found {found}; filtered by {match.filter}"
    if match.assertion is Assertion.ASSERTED:
        return f"{match.grade.value}: found {found}; nothing speaks against it"
    return f"{match.grade.value}: found {found}; said as {match.assertion.value}" + (
        f" by {match.cue.text!r}" if match.cue else ""
    )
