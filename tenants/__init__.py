"""The record: what each place owns. Every row is reached in a scope; only this layer runs SQL."""
