from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.remote.servers import HOST, Proxy, page_server, s3_server

ROWS = 6_000


@dataclass
class Bucket:
    """A bucket on this machine, behind a proxy that counts and breaks."""

    system: Any
    proxy: Proxy
    name: str

    def put(self, key: str, data: bytes) -> str:
        """Store an object, and return its address."""
        with self.system.open_output_stream(f"{self.name}/{key}", compression=None) as stream:
            stream.write(data)
        return f"s3://{self.name}/{key}"

    def delete(self, key: str) -> None:
        """Take an object away."""
        self.system.delete_file(f"{self.name}/{key}")


@pytest.fixture(scope="session")
def _s3() -> Iterator[tuple[Any, Proxy]]:
    pytest.importorskip("moto", reason="moto, which speaks S3, is not installed")
    import pyarrow.fs as pafs

    with s3_server() as port:
        proxy = Proxy(port)
        system = pafs.S3FileSystem(
            access_key="key", secret_key="secret", scheme="http", region="us-east-1",
            endpoint_override=f"{HOST}:{port}", allow_bucket_creation=True,
            background_writes=False,
        )  # fmt: skip
        yield system, proxy
        proxy.close()


@pytest.fixture
def bucket(
    _s3: tuple[Any, Proxy], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Bucket]:
    """Return an empty bucket; its own for each test."""
    from calaudit.predictions.object_stores import store_of

    system, proxy = _s3
    name = f"logs-{abs(hash(request.node.nodeid)) % 10**9}"
    system.create_dir(name)
    for key, value in ENVIRONMENT.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{HOST}:{proxy.port}")
    store_of.cache_clear()
    proxy.reset()
    yield Bucket(system, proxy, name)
    proxy.reset()
    store_of.cache_clear()


ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REGION": "us-east-1",
}


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Callable[..., tuple[str, Path]]]:
    """Return what starts a web server, and tells its address and its folder."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(**how: bool) -> tuple[str, Path]:
            folder = tmp_path / "pages"
            folder.mkdir(exist_ok=True)
            port = stack.enter_context(page_server(folder, **how))
            return f"http://{HOST}:{port}", folder

        yield start


@pytest.fixture(scope="session")
def table() -> Any:
    """Return rows with a weight, a region and a label that their score predicts."""
    import pyarrow as pa

    rng = np.random.default_rng(20)
    score = rng.beta(2, 3, ROWS)
    return pa.table({
        "label": (rng.random(ROWS) < score**1.2).astype(np.int64),
        "score": score,
        "weight": rng.integers(1, 5, ROWS).astype(float),
        "region": pa.array(rng.choice(["north", "south"], ROWS)),
    })  # fmt: skip
