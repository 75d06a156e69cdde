"""Whatever is asked, the compiled way and the ordinary one answer the same, as everybody who may ask."""
