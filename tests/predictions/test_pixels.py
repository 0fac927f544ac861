"""Maps of scores beside maps of labels, against the same pixels as rows of a table."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.errors import InputError, SettingsError


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


def regions_drawn(seed=2):
    """Return (N, H, W) scores, masks, ids of rectangles, and rows by hand."""
    rng = np.random.default_rng(seed)
    scores, masks = rng.random((5, 12, 14)), np.zeros((5, 12, 14), np.uint8)
    ids, rows = np.zeros((5, 12, 14), np.int32), []
    for image in range(5):
        for k, (top, left) in enumerate([(0, 0), (0, 7), (6, 0), (6, 7)], 1):
            height, width = rng.integers(2, 6), rng.integers(2, 7)
            box = np.s_[image, top : top + height, left : left + width]
            ids[box] = 10 * k
            masks[box] = rng.random((height, width)) < rng.choice([0.2, 0.8])
            share = masks[box].mean()
            rows.append((f"m:{image}", 10 * k, scores[box].mean(), share > 0.5, height * width))
    return scores, masks, ids, rows


def test_regions_are_rows_with_the_mean_of_their_pixels(tmp_path):
    """A hit by majority; those of an image are a group."""
    scores, masks, ids, rows = regions_drawn()
    np.savez(tmp_path / "m.npz", heat=scores, mask=masks, ids=ids)
    report = calaudit.evaluate(tmp_path / "m.npz", regions="ids", worst=0)
    assert report.task == "binary"
    assert report.rows == len(rows)
    mean, hit = (np.array([row[k] for row in rows], float) for k in (2, 3))
    assert report.metrics["brier"].value == pytest.approx(((mean - hit) ** 2).mean())
    assert report.groups
    assert report.groups.groups == 5
    assert report.settings["declared"]["regions"] == "ids"


def test_regions_of_several_classes_are_judged_by_their_class(tmp_path):
    """That with the largest mean; pixels with the ignore index play no part."""
    scores, labels = drawn()
    ids = np.zeros(labels.shape, int)
    ids[:, :6, :6], ids[:, 6:, 3:] = 1, 2
    np.savez(tmp_path / "m.npz", probs=scores, mask=labels, ids=ids)
    report = calaudit.evaluate(tmp_path / "m.npz", regions="ids")
    wanted = []
    for image in range(len(ids)):
        for region in (1, 2):
            held = (ids[image] == region) & (labels[image] != 255)
            mean = scores[image][held].mean(axis=0)
            wanted.append((mean.max(), (labels[image][held] == mean.argmax()).mean() > 0.5))
    assert report.task == "top-label"
    confidence, right = (np.array(values, float) for values in zip(*wanted, strict=True))
    assert report.metrics["brier"].value == pytest.approx(((confidence - right) ** 2).mean())
    assert report.metrics["accuracy"].value == pytest.approx(right.mean())


def test_regions_beside_true_objects_are_hits_by_their_overlap(tmp_path):
    """At least half of the union with one object, whatever it is called."""
    truth = np.zeros((1, 8, 8), int)
    truth[0, :4, :4], truth[0, 4:, 4:] = 7, 9
    ids = np.zeros_like(truth)
    ids[0, :4, :3] = 1  # 12 of 16: a hit
    ids[0, 4:, 5:] = 2  # 12 of 16: a hit
    ids[0, :4, 5:] = 3  # over nothing
    ids[0, 4:, :2] = 4  # over nothing
    ids[0, 4:6, 4] = 5  # 2 of 16
    heat = np.random.default_rng(1).random(ids.shape)
    np.savez(tmp_path / "m.npz", heat=heat, mask=(truth > 0).astype(np.uint8), ids=ids, gt=truth)
    report = calaudit.evaluate(tmp_path / "m.npz", regions="ids,gt")
    assert report.rows == 5
    assert report.metrics["base_rate"].value == pytest.approx(2 / 5)


@pytest.mark.parametrize(
    ("regions", "told"),
    [
        ("what", "names 'what', but"),
        ("heat", "whole numbers"),
        ("ids,a,b", "one map of ids, or two"),
    ],
)
def test_regions_that_are_none_are_refused(tmp_path, regions, told):
    """By what is wrong with their map."""
    scores, masks, ids, _ = regions_drawn()
    np.savez(tmp_path / "m.npz", heat=scores, mask=masks, ids=ids, a=ids, b=ids)
    with pytest.raises(InputError, match=told):
        calaudit.evaluate(tmp_path / "m.npz", regions=regions)
    with pytest.raises(SettingsError, match="is for maps of pixels"):
        calaudit.evaluate(pd.DataFrame({"score": [0.5], "label": [1]}), regions=regions)
    np.savez(tmp_path / "m.npz", heat=scores, mask=masks, ids=ids[:, 1:])
    with pytest.raises(InputError, match="not of the size"):
        calaudit.evaluate(tmp_path / "m.npz", regions="ids")
    np.savez(tmp_path / "m.npz", heat=scores * 3, mask=masks, ids=ids)
    with pytest.raises(InputError, match="no probabilities"):
        calaudit.evaluate(tmp_path / "m.npz", regions="ids")


@pytest.mark.parametrize("form", ["folders", "ends", "starts"])
def test_arrays_of_an_image_each_are_found_by_their_names(tmp_path, form):
    """As probs/scan1.npy and masks/scan1.npy, or scan1_probs.npy and scan1_mask.npy."""
    scores, labels = drawn()
    for k in range(len(labels)):
        for name, array in (("probs", scores[k]), ("masks", labels[k])):
            path = {"folders": f"{name}/scan{k}", "ends": f"scan{k}_{name}"}.get(form)
            path = tmp_path / "maps" / f"{path or f'{name}_scan{k}'}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, array)
    report = calaudit.evaluate(tmp_path / "maps", by="image")
    rows = calaudit.evaluate(as_rows(scores, labels), group="image")
    assert report.metrics["brier"].value == pytest.approx(rows.metrics["brier"].value, abs=1e-12)
    assert report.groups
    assert report.groups.groups == 6
    assert {each.value for each in report.slices} == {f"scan{k}" for k in range(6)}


def masks(positive=255, channels=False):
    """Return scores and labels of 0 and another number, and the same as 0 and 1."""
    rng = np.random.default_rng(4)
    scores = rng.random((4, 5, 6))
    truth = (rng.random(scores.shape) < scores).astype(np.uint8)
    truth[0] = 0  # an image without a lesion
    shown = np.stack([1 - scores, scores], -1) if channels else scores
    return shown, truth * np.uint8(positive), scores, truth


@pytest.mark.parametrize("channels", [False, True])
@pytest.mark.parametrize("options", [{}, {"positive": "255"}])
def test_masks_of_0_and_255_have_positives(tmp_path, channels, options):
    """In one file, as in one with an ignore index beside; what is inferred is said."""
    shown, labels, scores, truth = masks(channels=channels)
    labels = labels.astype(int)
    labels[1, 0, 0] = -1
    np.savez(tmp_path / "m.npz", heat=shown, mask=labels)
    report = calaudit.evaluate(tmp_path / "m.npz", worst=0, **options)
    held = labels != -1
    assert report.rows == held.sum()
    assert report.classes == ("0", "255")
    assert report.metrics["base_rate"].value == pytest.approx(truth[held].mean())
    brier = ((scores - truth)[held] ** 2).mean()
    assert report.metrics["brier"].value == pytest.approx(brier)
    said = {note.code for note in report.notes}
    assert ("positive-inferred" in said) == (not options)


def test_what_255_is_is_settled_for_all_files_together(tmp_path):
    """An image of background and border does not make a class of the border."""
    shown, labels, _, _ = masks(positive=1)
    labels[0, 0] = 255
    for k in range(4):
        np.savez(tmp_path / f"{k}.npz", heat=shown[k : k + 1], mask=labels[k : k + 1])
    report = calaudit.evaluate(tmp_path, worst=0)
    held = labels != 255
    assert report.rows == held.sum()
    assert report.metrics["base_rate"].value == pytest.approx(labels[held].mean())


def test_a_large_share_without_a_class_is_said_and_can_be_named(read, tmp_path):
    """And what --positive names is never left out."""
    shown, labels, _, _ = masks(positive=1)
    labels[:, :2] = 255
    np.savez(tmp_path / "m.npz", heat=shown, mask=labels)
    rows = read(tmp_path / "m.npz")
    note = next(note for note in rows.predictions.notes if note.code == "pixels-ignored")
    assert note.figures["kind"] == "many"
    assert note.figures["share"] == pytest.approx(40)
    rows = read(tmp_path / "m.npz", positive="255")
    assert rows.labels.tolist() == (labels == 255).reshape(-1).tolist()


def test_masks_of_three_kinds_are_refused(read, tmp_path):
    """Which of them is positive is for the user to say."""
    shown, labels, _, _ = masks()
    labels[:, 0] = 128
    np.savez(tmp_path / "m.npz", heat=shown, mask=labels)
    with pytest.raises(InputError, match="--positive 255"):
        read(tmp_path / "m.npz")
    for positive in (0, 128, 255):
        rows = read(tmp_path / "m.npz", positive=str(positive))
        held = labels != 255 if positive == 128 else np.ones(labels.shape, bool)
        assert rows.labels.tolist() == (labels[held] == positive).tolist()


@pytest.mark.parametrize("form", ["several", "two", "one"])
@pytest.mark.parametrize("wrong", [7, 4])
def test_labels_of_no_class_are_refused_alone_with_their_place(read, tmp_path, form, wrong):
    """Beside two ignore indexes in one image, and none in others; dropped, the books balance."""
    scores, labels = drawn()
    labels = labels.astype(int)
    if form == "several":
        shown = scores
    else:
        second = scores[..., :2].sum(axis=-1)
        shown = np.stack([1 - second, second], -1) if form == "two" else second
        labels = np.where(labels == 255, 255, (labels < 2).astype(int))
    labels[1, 2, 3], labels[2] = -1, np.where(labels[2] == 255, -1, labels[2])
    labels[0, 1, 0] = labels[5, 4, 3] = wrong
    np.savez(tmp_path / "m.npz", probs=shown, mask=labels)
    with pytest.raises(InputError, match=r"2 of 593 rows are invalid") as refused:
        read(tmp_path / "m.npz")
    told = str(refused.value)
    assert f"(image m:0, pixel [1, 0]), label: {wrong}" in told
    assert f"(image m:5, pixel [4, 3]), label: {wrong}" in told
    rows = read(tmp_path / "m.npz", on_invalid="drop")
    assert rows.intake.rows_used == 591
    notes = [note for note in rows.predictions.notes if note.code == "pixels-ignored"]
    counts = {note.figures["label"]: note.figures["pixels"] for note in notes}
    assert counts == {-1: 22, 255: 5 * 21}


def test_arrays_are_called_by_their_own_names(read, tmp_path):
    """Logits are logits; maps that are named are taken, by their names or by the usual ones."""
    scores, labels = drawn()
    np.savez(tmp_path / "m.npz", my_logits=np.log(scores), mask=labels, more=np.zeros_like(labels))
    given: list[Any] = [{}, {"logits": "my_logits"}, {"logits": "logits", "label": "mask"}]
    for options in given:
        rows = read(tmp_path / "m.npz", **options)
        assert rows.predictions.scale == "logit"
        assert rows.labels.tolist() == labels[labels != 255].tolist()
        assert rows.scores == pytest.approx(np.log(scores)[labels != 255])
    with pytest.raises(InputError, match="Use --logits my_logits"):
        read(tmp_path / "m.npz", probs="my_logits")


@pytest.mark.parametrize("options", [{}, {"label": "mask"}, {"label": "mask", "score": "heat"}])
def test_regions_are_read_beside_another_map_of_ids(tmp_path, options):
    """And in masks of 0 and 255 as in those of 0 and 1."""
    scores, labels, ids, rows = regions_drawn()
    np.savez(tmp_path / "m.npz", heat=scores, mask=labels * 255, ids=ids, true_ids=ids)
    report = calaudit.evaluate(tmp_path / "m.npz", regions="ids", worst=0, **options)
    mean, hit = (np.array([row[k] for row in rows], float) for k in (2, 3))
    assert report.metrics["brier"].value == pytest.approx(((mean - hit) ** 2).mean())
    labels[0, 0, 0] = 7
    np.savez(tmp_path / "m.npz", heat=scores, mask=labels, ids=ids)
    with pytest.raises(InputError, match="label 7 in image m:0"):
        calaudit.evaluate(tmp_path / "m.npz", regions="ids")


@pytest.mark.parametrize("form", ["last", "second", "scores alone", "one image"])
def test_an_axis_of_one_class_is_none(tmp_path, form):
    """(N, H, W, 1) and (N, 1, H, W) are (N, H, W); (H, W, 1) is an image."""
    shown, labels, scores, truth = masks(positive=1)
    at = 1 if form == "second" else -1
    if form == "one image":
        shown, labels, scores, truth = (each[1] for each in (shown, labels, scores, truth))
    labels = labels if form == "scores alone" else np.expand_dims(labels, at)
    np.savez(tmp_path / "m.npz", heat=np.expand_dims(shown, at), mask=labels)
    report = calaudit.evaluate(tmp_path / "m.npz", worst=0)
    assert report.rows == truth.size
    assert report.metrics["brier"].value == pytest.approx(((scores - truth) ** 2).mean())
    assert (report.groups.groups if report.groups else 1) == (1 if form == "one image" else 4)


@pytest.mark.parametrize("form", ["size", "whole", "hot"])
@pytest.mark.parametrize("files", [False, True])
def test_maps_that_do_not_fit_are_shown_with_their_shapes(tmp_path, form, files):
    """Of another size, scores as bytes, labels one-hot."""
    scores, labels = drawn()
    if form == "size":
        labels = labels[:, 1:]
    elif form == "whole":
        scores = (scores[..., 0] * 255).astype(np.uint8)
    else:
        labels = np.eye(4, dtype=np.uint8)[np.minimum(labels, 3)]
    data: Any = [tmp_path / "probs.npy", tmp_path / "mask.npy"] if files else tmp_path / "m.npz"
    if files:
        np.save(data[0], scores)
        np.save(data[1], labels)
    else:
        np.savez(data, probs=scores, mask=labels, scanner=np.arange(6))
    with pytest.raises(InputError) as refused:
        calaudit.evaluate(data)
    told = str(refused.value)
    assert f"probs {scores.shape} {scores.dtype}, mask {labels.shape} {labels.dtype}" in told
    assert len(told.replace(str(tmp_path), "")) < 400


def test_labels_of_minus_one_and_one_are_two_classes(tmp_path):
    """Where no 0 is there, -1 is the negative class and not an ignore index."""
    shown, labels, _, truth = masks(positive=1)
    np.savez(tmp_path / "m.npz", heat=shown, mask=2 * labels.astype(int) - 1)
    report = calaudit.evaluate(tmp_path / "m.npz", worst=0)
    assert report.metrics["base_rate"].value == pytest.approx(truth.mean())
