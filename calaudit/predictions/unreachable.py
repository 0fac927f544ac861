"""Why an object of a store cannot be read, as a sentence with what to do about it."""

from __future__ import annotations

import re

from calaudit.errors import IncompleteError, InputError
from calaudit.predictions.addresses import public

_ABSENT = re.compile(r"\b404\b|no.?such|not.?found|does not exist", re.I)
_DENIED = re.compile(
    r"\b40[013]\b|denied|forbidden|unauth|credential|access.?key|signature|token|permission", re.I
)
_BUSY = re.compile(r"\b(429|50[0-9])\b|slow.?down|throttl|unavailable|internal", re.I)

_KEYS = {
    "s3": "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of somebody who may "
    "read and list it",
    "gs": "Set GOOGLE_APPLICATION_CREDENTIALS, or run gcloud auth application-default login",
    "abfs": "Set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or run az login",
    "http": "Give an address that needs no login, as a presigned one",
}
_LONGEST = 90
"""Characters of a cause; more are the library's own business."""
_SAME = {"abfss": "abfs", "https": "http"}


class Absent(InputError):
    """Nothing is at an address."""


def refusal(name: str, error: Exception) -> InputError:
    """Return what to say of an object that could not be read because of ``error``."""
    shown, why = public(name), _cause(error)
    whole = why if "AWS Error" in str(error) else str(error)
    kind = _SAME.get(scheme := name.partition("://")[0].lower(), scheme)
    if isinstance(error, FileNotFoundError) or _ABSENT.search(whole):
        return Absent(f"{shown}: there is no such object, bucket or page.")
    if re.search(r"\b30[17]\b", whole):
        return InputError(f"{shown}: is in another region ({why}). Set AWS_REGION to it.")
    if _DENIED.search(whole):
        return InputError(f"{shown}: may not be read ({why}). {_KEYS[kind]}.")
    if _BUSY.search(whole):
        return IncompleteError(
            f"{shown}: the server did not give it, asked several times ({why}). Try again later."
        )
    where = {"s3": " and AWS_ENDPOINT_URL", "http": " and the address"}.get(kind, "")
    return IncompleteError(
        f"{shown}: cannot be reached ({why}). Check the network{where}, and run again."
    )


def _cause(error: Exception) -> str:
    """Return what libraries say in many words."""
    text = str(error).strip()
    aws = re.search(r"AWS Error (\w+)(?: \(HTTP status (\d+)\))? during \w+ operation: (.*)", text)
    if aws is None:
        text = text.removeprefix("<urlopen error ").rstrip(">.").split("\n")[0]
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if aws[1] == "NETWORK_CONNECTION":
        return aws[3].rpartition("Details: ")[2][:_LONGEST].rstrip(".")
    return f"{aws[1]} {aws[2] or ''}".strip()
