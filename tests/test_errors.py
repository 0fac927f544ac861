"""Messages speak of options on the command line, and of arguments in Python."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import calaudit
from calaudit.cli.process import run
from calaudit.errors import CalauditError, InputError
from calaudit.options.spoken import spoken


@pytest.mark.parametrize(
    ("option", "argument"),
    [
        ("Say --score p, --score 'a b' or --score x.", 'Say score="p", score="a b" or score="x".'),
        ("--probs PREFIX or --label COLUMN.", 'probs="PREFIX" or label="COLUMN".'),
        ("--score and --probs exclude each other", "score= and probs= exclude each other"),
        ("--score names the column 'x'", "score= names the column 'x'"),
        ("Leave --calibration out, and", "Leave calibration= out, and"),
        ("say --out-of 10.", "say out_of=10."),
        ("with --on-invalid drop.", 'with on_invalid="drop".'),
        ("(--guarantee none)", '(guarantee="none")'),
        ("as in --positive 2.", 'as in positive="2".'),
        ("say --classes 1..4.", 'say classes=["1..4"].'),
        ("say --classes 1=0,2=1.", 'say classes=["1=0", "2=1"].'),
        ("--confidence 'exp(logprob)'", 'confidence="exp(logprob)"'),
        ("write --as probability)", 'write scale="probability")'),
        ("--weight-kind frequency a line", 'weight_kind="frequency" a line'),
        ("Use --method temperature, or fit", 'Use method="temperature", or fit'),
        ("say --higher inside", 'say higher="inside"'),
        ("--max-review 200, or --max-error N", "max_review=200, or max_error=N"),
        ("as --quantiles A,B", 'as quantiles=["A", "B"]'),
        ("give --id or --same-order", "give id= or same_order=True"),
        ("--no-mix or --no-header here", "mix=False or no_header=True here"),
        ("--id matches rows", "id= matches rows"),
        ("(--positive)", "(positive=)"),
        ("with --update-baseline --force", "with --update-baseline --force"),
        ("make it with calaudit threshold --confidence C, or", None),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("from_python")
def test_options_become_arguments(option, argument):
    """Each way in which a message may name an option has its way in Python."""
    assert str(InputError(option)) == (option if argument is None else argument)


@pytest.mark.usefixtures("from_python")
def test_commands_stay():
    """A line that is a command for a shell is one in Python, too."""
    error = InputError("say --bins 5, or in CI:", "  calaudit check p.csv --max-ece 0.1")
    assert str(error) == "say bins=5, or in CI:\n  calaudit check p.csv --max-ece 0.1"


@pytest.mark.usefixtures("from_python")
def test_the_advice_of_an_error_from_python_is_python(capsys, tmp_path):
    """One message, said with options by the program and with arguments by the package."""
    table = pa.table({"score": [0.25, 0.75], "prob": [0.5, 0.25], "label": [0, 1]})
    with pytest.raises(CalauditError, match='score="score", score="prob"'):
        calaudit.evaluate(table)
    (tmp_path / "two.csv").write_text("score,prob,label\n0.25,0.5,0\n0.75,0.25,1\n")
    assert run(["evaluate", str(tmp_path / "two.csv")]) == 3
    assert "--score score, --score prob" in capsys.readouterr().err
    assert not CalauditError.on_command_line


@pytest.mark.parametrize(
    "given",
    [["--score", "a", "--score", "b"], ["--score=a", "--score", "a"], ["--seed=1", "--seed=2"]],
)  # fmt: skip
def test_an_option_given_twice_is_refused(given, capsys):
    """The last of them does not win silently; options that may be repeated stay so."""
    assert run(["evaluate", "absent.csv", *given]) == 2
    assert f"{given[0][:7].rstrip('=')} is given 2 times" in capsys.readouterr().err
    assert run(["evaluate", "absent.csv", "--by", "a", "--by", "b", "-q", "-q"]) == 3


@pytest.mark.usefixtures("from_python")
def test_several_scores_in_python_are_refused():
    """Two models are two runs."""
    table = pa.table({"xgb": [0.25, 0.75], "lr": [0.5, 0.25], "y": [0, 1]})
    with pytest.raises(CalauditError, match="score is one column: run calaudit once for each"):
        calaudit.evaluate(table, score=("xgb", "lr"))  # type: ignore[arg-type]


VALUE = re.compile('[a-z_]+="[a-z]+"')


def _texts(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module, with N where a value is filled in."""
    parts = {id(part) for f in ast.walk(tree) if isinstance(f, ast.JoinedStr) for part in f.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            shown = (p.value if isinstance(p, ast.Constant) else "N" for p in node.values)
            yield "".join(map(str, shown))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield "" if id(node) in parts else node.value


def test_no_word_of_a_sentence_is_taken_for_a_value():
    """In all messages there are, what stands behind an option is a value of it, or prose."""
    found = set()
    for path in Path(calaudit.__file__).parent.rglob("*.py"):
        if not {"cli", "options"} & set(path.parts):
            for text in _texts(ast.parse(path.read_text(encoding="utf-8"))):
                found |= {*VALUE.findall(spoken(text))} - {*VALUE.findall(text)}
    assert found == {
        *('guarantee="none"', 'higher="inside"', 'higher="outside"', 'method="temperature"'),
        *('on_invalid="drop"', 'scale="probability"', 'task="multilabel"', 'weight="none"'),
        *('unanswered="out"', 'unanswered="wrong"', 'weight_kind="frequency"'),
    }, "a value stands here, and a word of a sentence in _PROSE of options/spoken.py"
