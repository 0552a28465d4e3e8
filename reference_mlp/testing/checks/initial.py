"""Fresh networks: the law, rank and spread of their weights, and their first loss."""
