"""Every byte and every file is accounted for: read to its end, or refused, or listed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc as paipc
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption
import pytest

from calaudit.errors import InputError

RNG = np.random.default_rng(7)
SCORES = RNG.random(60)
LABELS = (RNG.random(60) < SCORES).astype(np.int64)
TABLE = pa.table({"score": SCORES, "label": LABELS})
TEXT = b"score,label\n" + b"".join(
    b"%r,%d\n" % pair for pair in zip(SCORES.tolist(), LABELS.tolist(), strict=True)
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes, links and names")


def stream(rows: int = 20) -> tuple[bytes, list[int]]:
    """Return an Arrow stream of 60 rows in batches, and where each message of it begins."""
    sink = io.BytesIO()
    with paipc.new_stream(sink, TABLE.schema) as writer:
        at = []
        for batch in TABLE.to_batches(max_chunksize=rows):
            at.append(sink.tell())
            writer.write_batch(batch)
        at.append(sink.tell())
    return sink.getvalue(), at


def test_a_stream_ends_with_its_end_marker(read, write) -> None:
    """A stream that was cut between two batches looks whole but for its end; it is refused."""
    data, at = stream()
    assert len(read(write(data, "whole.arrows")).scores) == 60
    for cut in at[1:]:
        with pytest.raises(InputError, match="end marker"):
            read(write(data[:cut], "cut.arrows"))


def test_nothing_follows_the_end_of_a_stream(read, write) -> None:
    """Batches behind an early end marker, as two streams in one file leave them, are no rest."""
    data, at = stream()
    early = data[: at[2]] + data[-8:] + data[at[2] :]
    for joined in (early, data + data, data + b"\0"):
        with pytest.raises(InputError, match="follow the end of the stream"):
            read(write(joined, "joined.arrows"))


def test_a_stream_whose_rows_end_like_one(read, write) -> None:
    """Rows that look like an end marker do not stand for one: −1 and its padding are the same."""
    sink = io.BytesIO()
    table = pa.table({"score": [0.5, 0.5, 0.5], "label": pa.array([1, 1, -1], pa.int32())})
    with paipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    data = sink.getvalue()
    assert len(read(write(data, "whole.arrows")).scores) == 3
    assert data[-16:-8] == data[-8:] == b"\xff\xff\xff\xff\0\0\0\0"
    with pytest.raises(InputError, match="end marker"):
        read(write(data[:-8], "cut.arrows"))


@pytest.mark.parametrize("codec", ["uncompressed", "lz4", "zstd"])
@pytest.mark.parametrize("writer", ["arrow", "polars"])
def test_two_arrow_files_are_not_one(read, tmp_path, write, codec: str, writer: str) -> None:
    """Of joined files the last footer would be read with the rows of the first."""
    path = tmp_path / "whole.arrow"
    if writer == "arrow":
        feather.write_feather(TABLE, str(path), compression=codec, chunksize=25)
    else:
        frame: Any = pl.from_arrow(TABLE)
        frame.write_ipc(path, compression=codec, record_batch_size=25)
    assert read(path).scores.tolist() == SCORES.tolist()
    data = path.read_bytes()
    with pytest.raises(InputError, match="footer does not list"):
        read(write(data + data, "joined.arrow"))


@pytest.mark.parametrize("options", [{}, {"write_page_index": True}, {"compression": "none"}])
def test_two_parquet_files_are_not_one(read, tmp_path, write, options: dict[str, Any]) -> None:
    """Likewise for Parquet: both files have the same places for their columns."""
    path = tmp_path / "whole.parquet"
    pq.write_table(TABLE, path, row_group_size=25, **options)
    assert len(read(path).scores) == 60
    data = path.read_bytes()
    with pytest.raises(InputError, match="another Parquet file is joined"):
        read(write(data + data, "joined.parquet"))


def test_page_checksums(read, tmp_path, write) -> None:
    """A page whose checksum is wrong is refused, wherever a bit was changed; without one it is
    read as it is.
    """
    path = tmp_path / "whole.parquet"
    options: dict[str, Any] = {"compression": "none", "use_dictionary": False}
    pq.write_table(TABLE, path, write_page_checksum=True, **options)
    group = pq.read_metadata(path).row_group(0)
    first = group.column(0).data_page_offset + group.column(0).total_compressed_size - 8 * 60
    data = path.read_bytes()
    assert np.frombuffer(data[first : first + 480]).tolist() == SCORES.tolist()
    for at in RNG.integers(first, first + 480, 20).tolist():
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(InputError, match="checksum"):
            read(write(bytes(changed), "changed.parquet"))


def encrypted(path: Path) -> None:
    """Write the rows with a further column that is encrypted with a key of its own."""

    class Keys(encryption.KmsClient):  # type: ignore[misc]
        def wrap_key(self, key: bytes, name: str) -> bytes:
            return name.encode() + b"|" + key.hex().encode()

        def unwrap_key(self, key: bytes, _: str) -> bytes:
            return bytes.fromhex(key.decode().split("|")[1])

    factory = encryption.CryptoFactory(lambda _: Keys())
    how = encryption.EncryptionConfiguration(
        footer_key="footer", column_keys={"column": ["customer"]}, plaintext_footer=True
    )
    keys = factory.file_encryption_properties(encryption.KmsConnectionConfig(), how)
    table = TABLE.append_column("customer", pa.array(["anna"] * 60))
    with pq.ParquetWriter(path, table.schema, encryption_properties=keys) as writer:
        writer.write_table(table)


def test_encrypted_columns(read, tmp_path) -> None:
    """Columns that are not needed may be encrypted; asking Arrow about one ends the process."""
    path = tmp_path / "encrypted.parquet"
    encrypted(path)
    assert read(path).scores.tolist() == SCORES.tolist()
    with pytest.raises(InputError, match="is an encrypted column"):
        read(path, by=("customer",))


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_packed_members(read, write, suffix: str, pack: Any) -> None:
    """Members that follow one another are one stream; anything else that follows is refused."""
    name = f"p.csv.{suffix}"
    members = [pack(TEXT[:700]), pack(TEXT[700:])]
    assert read(write(b"".join(members), name)).scores.tolist() == SCORES.tolist()
    for rest in (b"junk of another kind", b"\n", members[0][:-3], bytes(5)):
        if suffix == "xz" and rest == bytes(5):
            continue
        with pytest.raises(InputError, match=r"damaged"):
            read(write(b"".join(members) + rest, name))


def test_padded_xz(read, write) -> None:
    """Zeros after a member are part of the format of xz, four by four."""
    data = lzma.compress(TEXT[:700]) + bytes(8) + lzma.compress(TEXT[700:]) + bytes(1 << 17)
    assert len(read(write(data, "p.csv.xz")).scores) == 60


def npz(folder: Path, **arrays: Any) -> Path:
    """Write arrays as an .npz."""
    path = folder / "p.npz"
    np.savez(path, **arrays)
    return path


def test_arrays_of_other_lengths(read, tmp_path) -> None:
    """An array with the name of a role must have an entry a row; others are listed."""
    with pytest.raises(InputError, match="'weight' has 59 entries, but 'score' 60"):
        read(npz(tmp_path, score=SCORES, label=LABELS, weight=np.ones(59)))
    rows = read(npz(tmp_path, score=SCORES, label=LABELS, losses=np.ones(999), seed=np.array(1)))
    assert len(rows.scores) == 60
    assert rows.note_codes == ["arrays-left-out"]
    assert "losses (999,), seed ()" in rows.predictions.notes[0].text


def test_npz_members(read, tmp_path) -> None:
    """Text beside the arrays is passed over; a zip of something else says what to do."""
    path = npz(tmp_path, score=SCORES, label=LABELS)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("README.txt", "hi")
    assert len(read(path).scores) == 60
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr("p.csv", TEXT)
    with pytest.raises(InputError, match=r"zip archive that holds p\.csv.*Unpack it"):
        read(tmp_path / "p.zip")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("label.npy", "twice")
    with pytest.raises(InputError, match="twice"):
        read(path)


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_header_that_hides_rows(read, tmp_path, kind: int) -> None:
    """A member is read to its end, where its checksum is looked at."""
    path = tmp_path / "p.npz"
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, values in (("score", SCORES), ("label", LABELS)):
            content = io.BytesIO()
            np.save(content, values)
            archive.writestr(f"{name}.npy", content.getvalue().replace(b"(60,)", b"(50,)"))
    with pytest.raises(InputError, match="more than its header says"):
        read(path)


def test_an_archive_in_a_part_of_a_file(read, tmp_path, write) -> None:
    """Joined archives, members that the directory does not list, and renamed ones are refused."""
    data = npz(tmp_path, score=SCORES, label=LABELS, weight=np.ones(60)).read_bytes()
    at = data.rindex(b"weight.npy")
    renamed = data[:at] + b"weight.npz" + data[at + 10 :]
    for changed in (data + data, b"before" + data, data + b"after", renamed):
        with pytest.raises(InputError, match=r"damaged, or not|no format that is known"):
            read(write(changed, "q.npz"))
    with zipfile.ZipFile(tmp_path / "p.npz", "a") as archive:
        archive.comment = b"kept"
    assert len(read(tmp_path / "p.npz").scores) == 60


def parts(folder: Path) -> Path:
    """Write two halves of the rows as CSV, the second in a folder of its own."""
    (folder / "data").mkdir()
    (folder / "more").mkdir()
    lines = TEXT.splitlines(keepends=True)
    (folder / "data" / "a.csv").write_bytes(b"".join(lines[:31]))
    (folder / "more" / "b.csv").write_bytes(lines[0] + b"".join(lines[31:]))
    return folder / "data"


@posix
def test_linked_folders_are_read_once(read, tmp_path) -> None:
    """A link to a folder is followed; one to a folder that was read, or around it, is not."""
    data = parts(tmp_path)
    (data / "later").symlink_to(tmp_path / "more", target_is_directory=True)
    (data / "again").symlink_to(tmp_path / "more", target_is_directory=True)
    (data / "up").symlink_to(tmp_path, target_is_directory=True)
    (data / "itself").symlink_to(data, target_is_directory=True)
    assert sorted(read(data).scores) == sorted(SCORES)


@posix
@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_links_to_a_file_count_once(read, tmp_path, link: Any) -> None:
    """A file and a link to it, hard or soft, would count double."""
    data = parts(tmp_path)
    link(data / "a.csv", data / "b.csv")
    with pytest.raises(InputError, match="count double"):
        read(data)


@posix
def test_what_a_directory_leaves_out_is_listed(read, tmp_path) -> None:
    """Files of other kinds and pipes, which could be waited for without end, are told of."""
    data = parts(tmp_path)
    (data / "part-0.json").write_text('{"score": 0.5, "label": 1}\n')
    os.mkfifo(data / "pipe.csv")
    for name in ("_SUCCESS", ".hidden.csv", "a.csv.crc"):
        (data / name).write_bytes(b"")
    rows = read(data)
    assert len(rows.scores) == 30
    assert rows.note_codes == ["files-left-out"]
    assert "part-0.json, pipe.csv are not read" in rows.predictions.notes[0].text
    rows = read(str(data / "*.csv"))
    assert rows.note_codes == ["files-left-out"]
    assert "pipe.csv is not read" in rows.predictions.notes[0].text


def test_a_folder_that_cannot_be_listed(read, tmp_path, monkeypatch) -> None:
    """A folder that may not be entered is refused, and not passed over."""
    data = parts(tmp_path)
    (data / "closed").mkdir()
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InputError, match="closed: cannot be read: Permission denied"):
        read(data)


@posix
@pytest.mark.parametrize("name", ["model:v2", "s3:/x", os.fsdecode(b"caf\xe9")])
@pytest.mark.parametrize("suffix", ["parquet", "arrow", "csv", "csv.gz", "csv.xz", "npz"])
def test_names_are_names_of_files(read, tmp_path, monkeypatch, name: str, suffix: str) -> None:
    """A colon makes no address of a name, and any bytes may be in one."""
    monkeypatch.chdir(tmp_path)
    Path("s3:").mkdir()
    path = Path(f"{name}.{suffix}")
    with path.open("wb") as file:
        if suffix == "parquet":
            pq.write_table(TABLE, file)
        elif suffix == "arrow":
            feather.write_feather(TABLE, file)
        elif suffix == "npz":
            np.savez(file, score=SCORES, label=LABELS)
        else:
            pack: dict[str, Any] = {"csv.gz": gzip.compress, "csv.xz": lzma.compress}
            file.write(pack.get(suffix, bytes)(TEXT))
    assert read(path).scores.tolist() == SCORES.tolist()


def test_folders_that_contradict_a_column(read, tmp_path) -> None:
    """A column wins over the name of its folder, and a note says so where it is used."""
    for fold in (0, 1):
        folder = tmp_path / f"fold={fold}"
        folder.mkdir()
        part = TABLE.slice(30 * fold, 30).append_column("fold", pa.array([7 * fold] * 30))
        pq.write_table(part, folder / "p.parquet")
    rows = read(tmp_path, by=("fold",))
    assert sorted(set(rows.slices())) == ["0", "7"]
    assert rows.note_codes == ["folder-contradicts-column"]
    assert "folder says fold=1, its column 'fold' 7" in rows.predictions.notes[0].text
    assert read(tmp_path).note_codes == []
