"""Makes distinguish.tsv: p-values of scipy for made-up groups (pip install scipy; python distinguish.py > distinguish.tsv).

`has`: converted with and without, others with and without, p (Pearson without correction; Fisher where an expected count is
below 5). `number`: values of the converted, values of the others, p (Welch).
"""

import random

import scipy
from scipy import stats

rng = random.Random(1935)
print(f"# scipy {scipy.__version__}")
for _ in range(60):
    top = rng.choice([4, 10, 40, 400, 4000])
    table = [[rng.randint(0, top), rng.randint(1, top)], [rng.randint(0, top), rng.randint(1, top)]]
    if table[0][0] + table[1][0] == 0:
        continue
    if stats.contingency.expected_freq(table).min() < 5:
        p = stats.fisher_exact(table).pvalue
    else:
        p = stats.chi2_contingency(table, correction=False).pvalue
    print("has", *table[0], *table[1], repr(float(p)), sep="\t")
for _ in range(30):
    shift, spread = rng.choice([0, 0.5, 3]), rng.choice([1, 5])
    a = [round(rng.gauss(0, 1), 3) for _ in range(rng.randint(2, 30))]
    b = [round(rng.gauss(shift, spread), 3) for _ in range(rng.randint(2, 30))]
    p = stats.ttest_ind(a, b, equal_var=False).pvalue
    print("number", " ".join(map(str, a)), " ".join(map(str, b)), repr(float(p)), sep="\t")
