"""The frozen part of the network: weights, images, embeddings."""
