"""Train the model of names: `python models/names/train.py --data FOLDER --lists lists.json --prose prose.json OUT.npz`.

See README.md beside it for what goes in and what came out. Needs PyTorch; the product does not.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "src")]

from generate import Generator, lists  # noqa: E402

from bouclier.shield.names.features import PREFIXES, SHAPES, SUFFIXES, WORDS, features_of, key_of  # noqa: E402
from bouclier.shield.names.tokens import tokens_of  # noqa: E402

LABELS = ("PER", "LOC", "ORG", "ADR", "DAT", "COD", "DEM", "QTY")
TAGS = ("O", *(f"{place}-{label}" for label in LABELS for place in "BI"))
TAG = {tag: number for number, tag in enumerate(TAGS)}
WIDTH, DILATIONS = 128, (1, 2, 4, 1)
EMBED = {"word": (WORDS, 64), "prefix": (PREFIXES, 32), "suffix": (SUFFIXES, 40), "shape": (SHAPES, 24)}
VECTOR = 64
BLANKS = 8

# Labels of the corpora -> ours; None: not a name for us; "?": unknown, nothing is learnt from it.
MAPS = {
    "europeana": {"PER": "PER", "LOC": "LOC", "ORG": "ORG"},
    "tab": {"PERSON": "PER", "LOC": "LOC", "ORG": "ORG", "DATETIME": "DAT", "CODE": "COD", "DEM": "DEM", "QUANTITY": "QTY", "MISC": "?"},
    "synth": {"PERSON": "PER", "GPE": "LOC", "ORGANIZATION": "ORG", "STREET_ADDRESS": "ADR", "DATE_TIME": "?", "TITLE": "?",
              "AGE": "?", "NRP": "DEM", "ZIP_CODE": "?"},
}  # fmt: skip
KNOWS = {
    "europeana": {"PER", "LOC", "ORG", "DEM", "QTY", "COD"},
    "tab": set(LABELS) - {"ADR"},
    "synth": {"PER", "LOC", "ORG", "ADR", "QTY"},
    "made-fr": {"PER", "LOC", "ORG", "ADR", "DAT", "DEM", "QTY", "COD"},
    "made-en": {"PER", "LOC", "ORG", "ADR", "DAT"},
    "prose": {"DEM", "QTY", "COD", "PER", "LOC", "ORG"},
}


def encode(text: str, spans: list[tuple[int, int, str]], known: set[str]):
    """Return words, tags, and for each word the tags that may be right (a bit mask)."""
    tokens = tokens_of(text)
    tags = np.zeros(len(tokens), np.int64)
    unknown = np.zeros(len(tokens), bool)
    at = 0
    for start, end, label in sorted(spans):
        while at < len(tokens) and tokens[at].end <= start:
            at += 1
        first = True
        while at < len(tokens) and tokens[at].start < end:
            if label == "?":
                unknown[at] = True
            else:
                tags[at] = TAG[("B-" if first else "I-") + label]
            first = False
            at += 1
    free = sum(1 << TAG[f"{place}-{label}"] for label in LABELS if label not in known for place in "BI")
    masks = np.where(tags > 0, 1 << tags, 1 | free)
    masks[unknown] = (1 << len(TAGS)) - 1
    return [token.text for token in tokens], tags, masks


def read_jsonl(path: Path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def spans_of(document, mapping):
    return [(s["start"], s["end"], mapping[s["label"]]) for s in document["spans"] if mapping.get(s["label"])]


class Tables:
    """Rows of every word met, in training and in the vectors."""

    def __init__(self, vectors: dict, lexicon: dict[str, int]) -> None:
        self.vectors = vectors
        self.lexicon = lexicon
        self.memo: dict[str, tuple[int, int, int, int, int, int]] = {}

    def rows(self, word: str):
        known = self.memo.get(word)
        if known is None:
            low = word.lower()
            row = self.vectors.get(word)
            if row is None:
                row = self.vectors.get(low if low != word else word.title())
            if row is None and word.isupper():
                row = self.vectors.get(word.title())
            known = self.memo[word] = (*features_of(word), -1 if row is None else row, self.lexicon.get(low, 0))
        return known


class Network(nn.Module):
    def __init__(self, vectors: np.ndarray, lexicons: int) -> None:
        super().__init__()
        self.tables = nn.ModuleDict({name: nn.Embedding(*size) for name, size in EMBED.items()})
        self.bits = nn.Embedding(1 << lexicons, 12)
        self.register_buffer("vectors", torch.tensor(np.vstack([vectors, np.zeros((1, VECTOR))]), dtype=torch.float32))
        total = sum(size[1] for size in EMBED.values()) + 12 + VECTOR
        self.first = nn.Linear(total, WIDTH)
        self.convs = nn.ModuleList([nn.Conv1d(WIDTH, WIDTH, 3, dilation=d, padding=d) for d in DILATIONS])
        self.head = nn.Linear(WIDTH, len(TAGS))
        for table in self.tables.values():
            nn.init.normal_(table.weight, std=0.3)

    def forward(self, rows, drop: float):
        blank = rows[..., 0] < 0
        parts = []
        for index, name in enumerate(EMBED):
            value = self.tables[name](rows[..., index].clamp(min=0))
            if drop and name in {"word", "suffix", "prefix"}:
                keep = torch.rand(value.shape[:-1]) > (drop if name == "word" else drop / 3)
                value = value * keep.unsqueeze(-1)
            parts.append(value)
        vector = self.vectors[rows[..., 4]]
        bits = rows[..., 5]
        if drop:
            vector = vector * (torch.rand(vector.shape[:-1]) > drop).unsqueeze(-1)
            bits = torch.where(torch.rand(bits.shape) < 0.3, torch.zeros_like(bits), bits)
        parts += [self.bits(bits), vector]
        state = torch.relu(self.first(torch.cat(parts, -1)))
        state = state.masked_fill(blank.unsqueeze(-1), 0.0)
        if drop:
            state = nn.functional.dropout(state, 0.15)
        state = state.transpose(1, 2)
        empty = blank.unsqueeze(1)
        for conv in self.convs:
            change = torch.relu(conv(state))
            if drop:
                change = nn.functional.dropout(change, 0.1)
            state = (state + change).masked_fill(empty, 0.0)
        return self.head(state.transpose(1, 2))


def packed(documents, tables, length=320):
    """Documents laid end to end with blanks between, cut in rows of the same length."""
    rows, masks = [], []
    for words, _, mask in documents:
        rows += [tables.rows(word) for word in words] + [(-1, 0, 0, 0, -1, 0)] * BLANKS
        masks += list(mask) + [0] * BLANKS
    extra = -len(rows) % length
    rows += [(-1, 0, 0, 0, -1, 0)] * extra
    masks += [0] * extra
    return torch.tensor(rows).reshape(-1, length, 6), torch.tensor(masks).reshape(-1, length)


def loss_of(scores, masks):
    bits = (masks.unsqueeze(-1) >> torch.arange(len(TAGS))) & 1
    inside = masks > 0
    logs = torch.log_softmax(scores[inside], -1)
    allowed = logs.masked_fill(bits[inside] == 0, -1e9).logsumexp(-1)
    return -allowed.mean()


def spans_from(tags):
    out, start, label = [], None, None
    for index, tag in enumerate([*tags, 0]):
        name = TAGS[tag]
        if start is not None and not (name[0] == "I" and name[2:] == label):
            out.append((start, index, label))
            start = None
        if name[0] != "O" and start is None:
            start, label = index, name[2:]
    return out


def evaluate(network, documents, tables, labels):
    network.eval()
    count = Counter()
    with torch.no_grad():
        for words, tags, _ in documents:
            rows = torch.tensor([[tables.rows(word) for word in words]])
            found = set(spans_from(network(rows, 0.0)[0].argmax(-1).tolist()))
            gold = set(spans_from(tags.tolist()))
            for label in labels:
                f, g = {s for s in found if s[2] == label}, {s for s in gold if s[2] == label}
                count[label, "tp"] += len(f & g)
                count[label, "f"] += len(f)
                count[label, "g"] += len(g)
    network.train()
    return {
        label: tuple(round(count[label, "tp"] / max(1, count[label, side]), 3) for side in "fg") for label in labels
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lists", type=Path, required=True)
    parser.add_argument("--prose", type=Path)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--made", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)

    faker, towns = lists(options.lists)
    stored = np.load(options.vectors, allow_pickle=False)
    keys, key_rows, vectors = stored["keys"], stored["rows"], stored["vectors"].astype(np.float32) * stored["scale"]
    by_key = dict(zip(keys.tolist(), key_rows.tolist(), strict=True))

    class ByWord(dict):
        def get(self, word, default=None):
            return by_key.get(key_of(word), default)

    lexicon = {}
    for bit, words in enumerate(lexicons_of(faker, towns)):
        for word in words:
            lexicon[word] = lexicon.get(word, 0) | 1 << bit
    tables = Tables(ByWord(), lexicon)

    real, held = [], {}
    for name, file, part in (
        ("tab", "tab_traindev_ids_en", 8),
        ("europeana", "europeana_train_fr", 12),
        ("synth", "presidio_synth_v2_en", 10),
    ):
        documents = [
            encode(d["text"], spans_of(d, MAPS[name]), KNOWS[name]) for d in read_jsonl(options.data / f"{file}.jsonl")
        ]
        held[name] = documents[::part]
        kept = [d for index, d in enumerate(documents) if index % part]
        real += kept * (4 if name == "tab" else 1)
    if options.prose:
        for document in json.loads(options.prose.read_text("utf-8")):
            real.append(encode(document["text"], [tuple(s) for s in document["spans"]], KNOWS["prose"]))
    generator = Generator(options.seed, faker, towns)
    held["made"] = [encode(m.text, m.spans, KNOWS["made-fr"]) for m in (generator.make("fr") for _ in range(400))]
    network = Network(vectors, len(lexicons_of(faker, towns)))
    # What is kept is a moving average of the weights: it reads new texts better than where the last step ended.
    kept_network = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995)
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.01)
    total = None
    began = time.time()
    for epoch in range(options.epochs):
        made = [
            encode(m.text, m.spans, KNOWS["made-fr"] if language == "fr" else KNOWS["made-en"])
            for language, share in (("fr", 0.8), ("en", 0.2))
            for m in (generator.make(language) for _ in range(int(options.made * share)))
        ]
        documents = real + made
        random.shuffle(documents)
        rows, masks = packed(documents, tables)
        if total is None:
            steps = len(rows) // 24 * options.epochs
            total = steps
            schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps + 200, pct_start=0.15)
        order = torch.randperm(len(rows))
        losses = []
        for first in range(0, len(rows) - 23, 24):
            pick = order[first : first + 24]
            loss = loss_of(network(rows[pick], 0.2), masks[pick])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimizer.step()
            kept_network.update_parameters(network)
            if schedule.last_epoch < total + 199:
                schedule.step()
            losses.append(loss.item())
        print(
            f"epoch {epoch} loss {np.mean(losses):.4f} {time.time() - began:.0f} s, {rows.numel() // 6} words",
            flush=True,
        )
        for name, labels in (("tab", LABELS), ("europeana", LABELS[:3]), ("synth", LABELS[:4]), ("made", LABELS[:5])):
            print("   ", name, evaluate(kept_network.module, held[name], tables, labels), flush=True)
        save(options.out, kept_network.module, stored, lexicon)


def lexicons_of(faker, towns):
    first = {part.lower() for names in faker.values() for name in names[0] for part in name.split("-")}
    last = {name.lower() for names in faker.values() for name in names[1]}
    return first, last, {town.lower() for town in towns if town.isalpha() and len(town) > 3}


def save(path: Path, network, stored, lexicon) -> None:
    """Write what the product reads: half floats, vectors in bytes as given, all keys sorted."""
    state = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    words = sorted(lexicon, key=key_of)
    arrays = {
        "tags": np.array(TAGS),
        "dilations": np.array(DILATIONS),
        "vector_keys": stored["keys"], "vector_rows": stored["rows"], "vectors": stored["vectors"], "vector_scale": stored["scale"],
        "lexicon_keys": np.array([key_of(word) for word in words], np.uint32),
        "lexicon_bits": np.array([lexicon[word] for word in words], np.uint8),
        "bits": state["bits.weight"],
        "first": state["first.weight"].T, "first_bias": state["first.bias"],
        "head": state["head.weight"].T, "head_bias": state["head.bias"],
    }  # fmt: skip
    for name in EMBED:
        arrays[name] = state[f"tables.{name}.weight"]
    for index in range(len(DILATIONS)):
        kernel = state[f"convs.{index}.weight"]  # out, in, 3
        arrays[f"kernel{index}"] = np.concatenate([kernel[:, :, place].T for place in range(3)])
        arrays[f"kernel_bias{index}"] = state[f"convs.{index}.bias"]
    small = {
        key: value.astype(np.float16) if value.dtype == np.float32 and value.ndim == 2 else value
        for key, value in arrays.items()
    }
    np.savez_compressed(path, **small)


if __name__ == "__main__":
    main()
