"""Plain linear models of scikit-learn on the same texts, folds and protocol: `scikit_peer.py DATA NAME FOLDS`.

DATA is the folder of public data, FOLDS a file with the fold of each text, one a line, as `measure … --folds-to` writes it. Prints one line
of JSON: accuracy and macro-F1 over all folds, the longest training in seconds, the median over folds of the microseconds a text takes.
"""

import csv
import json
import sys
import time
import unicodedata
from pathlib import Path
from statistics import median

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

# File, column of the text, column of the label.
SETS = {
    "banking77": ("banking77/train.csv", 0, 1),
    "bank_comments": ("zh_bank_comments/train.csv", 1, 3),
    "hotel": ("zh_sentiment/ChnSentiCorp_htl_all.csv", 1, 0),
    "delivery": ("zh_sentiment/waimai_10k.csv", 1, 0),
}


def texts_and_labels(data, name):
    path, text, label = SETS[name]
    with open(Path(data) / path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [unicodedata.normalize("NFKC", row[text]).lower() for row in rows], [row[label] for row in rows]


def model(name):
    def grams(analyzer, shortest, longest):
        return TfidfVectorizer(analyzer=analyzer, ngram_range=(shortest, longest), sublinear_tf=True, min_df=2)

    if name == "banking77":
        return make_pipeline(make_union(grams("word", 1, 2), grams("char_wb", 2, 5)), LinearSVC(C=0.5))
    balanced = "balanced" if name == "bank_comments" else None
    return make_pipeline(grams("char", 1, 3), LinearSVC(C=0.3, class_weight=balanced))


def main():
    data, name, folds_file = sys.argv[1:4]
    texts, labels = texts_and_labels(data, name)
    folds = [int(line) for line in Path(folds_file).read_text().split()]
    assert len(folds) == len(texts), f"{len(folds)} folds for {len(texts)} texts"
    truth, said, training, reading = [], [], [], []
    for fold in range(max(folds) + 1):
        train = [at for at, of in enumerate(folds) if of != fold]
        test = [at for at, of in enumerate(folds) if of == fold]
        start = time.perf_counter()
        fitted = model(name).fit([texts[at] for at in train], [labels[at] for at in train])
        training.append(time.perf_counter() - start)
        start = time.perf_counter()
        said += list(fitted.predict([texts[at] for at in test]))
        reading.append((time.perf_counter() - start) * 1e6 / len(test))
        truth += [labels[at] for at in test]
    print(
        json.dumps(
            {
                "name": name,
                "accuracy": accuracy_score(truth, said),
                "macro_f1": f1_score(truth, said, average="macro"),
                "training_seconds_max": max(training),
                "microseconds_a_text": median(reading),
            }
        )
    )


if __name__ == "__main__":
    main()
