"""Reads: a selection of mapped fields becomes one SQL statement that builds its JSON.

    asked.py       what a resolver answers with: a listing, and in which form it is wanted
    declared.py    what a type says of itself: its model, its relations, what is shown to whom
    columns.py     how a column is written as the JSON of a scalar
    texts.py       SQL that puts JSON together
    statements.py  the statement of one selection, its values, and what is left to compute
    sources.py     where rows come from, and how they stand in an answer
    pages.py       a page of a connection
    compiler.py    from selection to statement
    plans.py       statements kept with their document, one for each shape of the question
    finishing.py   leaves: what only Python can compute, put into the answer
    executor.py    the executor that passes all this through
    related.py     the ordinary way to a relation: loaders of the ORM

The ordinary way stands beside the compiled one: whatever is not mapped goes it, and tests hold both equal.
"""
