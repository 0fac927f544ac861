"""Objects of S3, Google Cloud Storage and Azure, through Arrow, with their usual credentials."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache
from typing import Any

import pyarrow.fs as pafs

from calaudit.errors import InputError
from calaudit.predictions.storage import Kind, Object

_ATTEMPTS = 4
_PATIENCE = 10.0
"""Seconds until a server that does not answer is given up."""


@cache
def store_of(scheme: str, place: str) -> ObjectStore:
    """Return the store of addresses that begin with a scheme and a bucket or container.

    Raises:
        InputError: this Arrow does not know such stores, or an account is not named.
    """
    try:
        make = {"s3": _s3, "gs": _gcs}.get(scheme, _azure)
        return ObjectStore(make(place))
    except (ImportError, AttributeError):
        raise InputError(
            f"{scheme}://{place}: the installed pyarrow cannot read such addresses. Install one "
            "that can: pip install --upgrade pyarrow"
        ) from None


def _s3(bucket: str) -> Any:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    scheme, _, host = endpoint.rpartition("://")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not host and not region:
        region = pafs.resolve_s3_region(bucket)
    return pafs.S3FileSystem(
        endpoint_override=host.rstrip("/") or None,
        scheme=scheme or "https",
        region=region,
        connect_timeout=_PATIENCE,
        request_timeout=_PATIENCE,
        retry_strategy=pafs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )


def _gcs(_bucket: str) -> Any:
    scheme, _, host = os.environ.get("STORAGE_EMULATOR_HOST", "").rpartition("://")
    return pafs.GcsFileSystem(
        anonymous=bool(host),
        scheme=scheme or ("http" if host else "https"),
        endpoint_override=host or None,
        retry_time_limit=timedelta(seconds=_PATIENCE),
    )


def _azure(place: str) -> Any:
    account = place.partition("@")[2].partition(".")[0]
    account = account or os.environ.get("AZURE_STORAGE_ACCOUNT", "")
    if not account:
        raise InputError(
            f"abfs://{place}: names no account. Set AZURE_STORAGE_ACCOUNT, or write "
            f"abfs://{place}@ACCOUNT.dfs.core.windows.net/…"
        )
    return pafs.AzureFileSystem(
        account,
        account_key=os.environ.get("AZURE_STORAGE_KEY"),
        sas_token=os.environ.get("AZURE_STORAGE_SAS_TOKEN"),
    )


class ObjectStore:
    """A file system of Arrow, whose names are addresses."""

    def __init__(self, system: Any) -> None:
        self._system = system

    def kind(self, name: str) -> Kind:
        """Return whether a name is of an object or of a folder."""
        kind = self._system.get_file_info(_path(name)).type
        if kind == pafs.FileType.Directory:
            return "folder"
        return "file" if kind == pafs.FileType.File else ""

    def open(self, name: str) -> Object:
        """Return an object; its version is its entity tag, or else the time of its change."""
        file = self._system.open_input_file(_path(name))
        about = {str(key).lower(): value for key, value in (file.metadata() or {}).items()}
        told = (about[key] for key in ("generation", "etag", "last-modified") if about.get(key))
        return Object(file.size(), str(next(told, "")), file.read_at)

    def names(self, folder: str) -> list[str]:
        """Return all objects below a folder."""
        scheme, _, rest = folder.partition("://")
        place, root = rest.partition("/")[0], _path(folder)
        bucket = root.partition("/")[0]
        found = self._system.get_file_info(pafs.FileSelector(root, recursive=True))
        return [
            f"{scheme}://{place}{each.path.removeprefix(bucket)}"
            for each in found
            if each.type == pafs.FileType.File
        ]


def _path(name: str) -> str:
    """Return an address as Arrow writes it: ``container@account.host/x`` is ``container/x``."""
    place, slash, rest = name.partition("://")[2].partition("/")
    return (place.partition("@")[0] + slash + rest).rstrip("/")
