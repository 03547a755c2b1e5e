"""Runs the proofs that rules carry: each test's text is judged, and the grade must be the one written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tocsin.model import Assertion, Document, Field, Match
from tocsin.rules.book import RuleBook
from tocsin.rules.judge import Judge
from tocsin.specs.base import Located
from tocsin.specs.rules import Proof, RuleSpec

GRADES = ("event", "mention", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofResult:
    """One test of a rule, run."""

    rule: str
    index: int
    """Position in the rule's `tests:`, from 0."""
    expected: str
    got: str
    passed: bool
    text: str
    explanation: str
    """Why the rule judged so, in words."""
    file: str
    line: int


def run_proofs(judge: Judge, book: RuleBook) -> Iterator[ProofResult]:
    """The results of every rule's tests, in file order."""
    for located in book.rules:
        for index, proof in enumerate(located.spec.tests):
            yield _run(judge, located, index, proof)


def _run(judge: Judge, located: Located[RuleSpec], index: int, proof: Proof) -> ProofResult:
    expected, text = next((kind, value) for kind in GRADES if (value := getattr(proof, kind)) is not None)
    match = next((one for one in judge.matches(proof_document(text, proof)) if one.rule == located.spec.id), None)
    got = match.grade.value if match else "none"
    line, _ = located.positions.get(("tests", index), (1, 1))
    return ProofResult(
        rule=located.spec.id,
        index=index,
        expected=expected,
        got=got,
        passed=got == expected,
        text=text,
        explanation=explain(match),
        file=located.file,
        line=line,
    )


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
