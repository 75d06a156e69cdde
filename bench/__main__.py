"""`make bench`: every comparison, A B A B, the median of the ratios."""

import json
import sys

from bench import access, charges, documents, law, reads, transactions
from bench.comparison import Comparison


def main() -> None:
    benches = (law, access, documents, charges, transactions, reads)
    found: list[Comparison] = [each for bench in benches for each in bench.comparisons()]
    if "--json" in sys.argv:
        print(json.dumps([comparison.as_data() for comparison in found], ensure_ascii=False, indent=1))
    else:
        for comparison in found:
            print(comparison)


main()
