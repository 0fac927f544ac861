"""What a JUnit file of ours must be, in a table: the stricter of what two schemas say.

junit-10.xsd of jenkinsci/xunit-plugin (MIT) is the looser one: it asks for the name, tests,
failures and errors of a testsuite and for the name of a testcase, and takes parts in any order.
JUnit.xsd of windyroad/JUnit-Schema (Apache-2.0) gives testsuites no attributes, a testsuite one
order of its parts, and a testcase at most one of skipped, error and failure and no output of its
own; it asks for all the attributes below, and for a timestamp, which is left out so that equal
checks are equal files.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

WHOLE = r"\d+"
TOKEN = r"\S(.*\S)?"  # what is left of an xs:token with at least one character
ANY = r"(?s:.*)"
OUTCOME = {"message": ANY, "type": TOKEN}

RULES: dict[str, tuple[str, dict[str, str]]] = {
    "testsuites": (r"(testsuite )*", {}),
    "testsuite": (
        r"properties (testcase )*system-out system-err ",
        {"name": TOKEN, "package": TOKEN, "id": WHOLE, "hostname": TOKEN, "tests": WHOLE,
         "failures": WHOLE, "errors": WHOLE, "skipped": WHOLE, "time": WHOLE},
    ),
    "properties": (r"(property )*", {}),
    "property": ("", {"name": TOKEN, "value": ANY}),
    "testcase": (r"((skipped|error|failure) )?", {"name": ANY, "classname": TOKEN, "time": WHOLE}),
    "skipped": ("", OUTCOME),
    "failure": ("", OUTCOME),
    "error": ("", OUTCOME),
    "system-out": ("", {}),
    "system-err": ("", {}),
}  # fmt: skip
"""Element → the tags of its children, each with a blank after it, and its attributes."""

TEXT = ("skipped", "failure", "error", "system-out", "system-err")
"""Elements that may hold text."""


def breaches(text: str) -> list[str]:
    """Return what is wrong with a JUnit file; nothing where it is valid."""
    root = ET.fromstring(text)
    found = [] if root.tag == "testsuites" else [f"the root is {root.tag}"]
    for element in root.iter():
        tags, attributes = RULES.get(element.tag, ("unknown", {}))
        children = "".join(f"{child.tag} " for child in element)
        if not re.fullmatch(tags, children):
            found.append(f"{element.tag} holds {children or 'nothing'}")
        if element.keys() ^ attributes.keys():
            found.append(f"{element.tag} has {', '.join(element.keys())}")
        for name, pattern in attributes.items():
            if not re.fullmatch(pattern, element.get(name, "")):
                found.append(f"{element.tag}.{name} is {element.get(name)!r}")
        texts = [element.text, *(child.tail for child in element)]
        if element.tag not in TEXT and any(t and t.strip() for t in texts):
            found.append(f"{element.tag} holds text")
    return found
