"""The frozen part of the network: weights, images, embeddings, and what it looks at."""
