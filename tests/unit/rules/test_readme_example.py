"""What rules/README.md shows is true."""

import re
from pathlib import Path

from tocsin.rules.testing import run_proofs

README = (Path(__file__).parents[3] / "rules" / "README.md").read_text(encoding="utf-8")
CUES = [path.read_text(encoding="utf-8") for path in (Path(__file__).parents[3] / "rules" / "cues").glob("*.yaml")]


def test_every_example_is_sound_and_the_worked_rule_passes_its_tests(judge_of, book_of):
    examples = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert len(examples) == 4
    state = "id: exampleland\ntitle: Exampleland\nnames: {en: [Exampleland]}\n"
    text = "\n---\n".join([*examples, state, *CUES])
    results = list(run_proofs(judge_of(text), book_of(text)))
    assert len(results) == 3
    assert all(result.passed for result in results), results


def test_the_format_reference_stays_short():
    assert len(README.splitlines()) <= 200
