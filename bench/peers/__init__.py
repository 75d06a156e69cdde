"""zeren beside other ways to serve the same GraphQL reads, over the same tables and the same walls.

Each peer is a small real application that signs its caller in by a token and reads as the application's role
behind row-level security. `python -m bench.peers` starts them side by side and prints the ratios.
"""
