"""Maps of scores beside maps of labels, against the same pixels as rows of a table."""

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.errors import InputError


def drawn(images=6, size=(10, 12), classes=4, seed=1):
    """Return (N, H, W, K) probabilities and (N, H, W) labels with a border of 255."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (images, *size, classes)) + rng.normal(
        0, 1, (images, 1, 1, classes)
    )
    scores = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    labels = (rng.random((images, *size, 1)) > scores.cumsum(axis=-1)).sum(axis=-1)
    labels = np.minimum(labels, classes - 1).astype(np.uint8)
    labels[:, 0] = labels[:, :, -1] = 255
    return scores, labels


def as_rows(scores, labels):
    """Return the pixels with a class as a frame."""
    held = labels != 255
    image = np.broadcast_to(np.arange(len(labels))[:, None, None], labels.shape)[held]
    columns = {f"p_{k}": scores[..., k][held] for k in range(scores.shape[-1])}
    return pd.DataFrame({**columns, "label": labels[held], "image": image})


@pytest.mark.parametrize("form", ["last", "first", "npy", "npy first", "folder"])
def test_pixels_are_rows_and_images_their_groups(tmp_path, form):
    """However the maps are stored; what has no class is left out and counted."""
    scores, labels = drawn()
    stored = np.ascontiguousarray(np.moveaxis(scores, -1, 1)) if "first" in form else scores
    data = tmp_path / "maps.npz"
    if form == "folder":
        data = tmp_path / "maps"
        data.mkdir()
        for k in range(len(labels)):
            np.savez(data / f"scan{k}.npz", probs=scores[k], mask=labels[k])
    elif form.startswith("npy"):
        data = [tmp_path / "probs.npy", tmp_path / "mask.npy"]
        for path, array in zip(data, (stored, labels), strict=True):
            np.save(path, array)
    else:
        np.savez(data, probs=stored, mask=labels)
    report = calaudit.evaluate(data, bins=15)
    rows = calaudit.evaluate(as_rows(scores, labels), group="image", bins=15)
    assert report.groups
    assert rows.groups
    assert report.groups.groups == rows.groups.groups == 6
    assert report.intake.rows_used == 6 * 9 * 11
    for name, figure in rows.metrics.items():
        mine = report.metrics[name]
        assert mine.value == pytest.approx(figure.value, abs=1e-12), name
        if figure.low is not None:
            assert (mine.low, mine.high) == pytest.approx((figure.low, figure.high), abs=0.02)
    note = [note for note in report.notes if note.code == "pixels-ignored"]
    assert sum(each.figures["pixels"] for each in note) == 6 * (10 * 12 - 9 * 11)


def test_half_precision_and_a_single_class_of_interest(tmp_path):
    """(N, H, W) scores beside a mask of 0 and 1 are binary."""
    scores, labels = drawn()
    lesion, mask = scores[..., 0].astype(np.float16), (labels == 0).astype(np.uint8)
    np.savez(tmp_path / "m.npz", heat=lesion, mask=mask)
    report = calaudit.evaluate(tmp_path / "m.npz")
    assert report.task == "binary"
    assert report.metrics["brier"].value == pytest.approx(
        ((lesion.astype(float) - mask) ** 2).mean(), abs=1e-9
    )
    assert report.groups
    assert report.groups.groups == 6


def test_an_array_of_the_images_is_a_slice(tmp_path):
    """Such as the scanner that each is from."""
    scores, labels = drawn()
    np.savez(tmp_path / "m.npz", probs=scores, mask=labels, scanner=np.array(list("aabbbb")))
    report = calaudit.evaluate(tmp_path / "m.npz", by="scanner")
    assert {each.value: each.rows for each in report.slices} == {"a": 198, "b": 396}


def test_maps_that_cannot_be_told_apart_are_refused(tmp_path):
    """Equal axes, several maps, labels of no class, files that are cut."""
    scores, labels = drawn(size=(4, 4))
    np.savez(tmp_path / "m.npz", probs=scores, mask=labels)
    with pytest.raises(InputError, match="are equally long"):
        calaudit.evaluate(tmp_path / "m.npz")
    scores, labels = drawn()
    np.savez(tmp_path / "m.npz", probs=scores, other=scores, mask=labels)
    with pytest.raises(InputError, match="several arrays could be maps"):
        calaudit.evaluate(tmp_path / "m.npz")
    np.savez(tmp_path / "m.npz", probs=scores, mask=np.where(labels == 255, 7, labels))
    with pytest.raises(InputError, match="label-not-a-class"):
        calaudit.evaluate(tmp_path / "m.npz")
    np.save(tmp_path / "probs.npy", scores)
    np.save(tmp_path / "mask.npy", labels)
    data = (tmp_path / "probs.npy").read_bytes()
    for bad in (data[:-8], data + b"\0" * 8):
        (tmp_path / "probs.npy").write_bytes(bad)
        with pytest.raises(InputError, match="damaged, or not what it begins as"):
            calaudit.evaluate([tmp_path / "probs.npy", tmp_path / "mask.npy"])
