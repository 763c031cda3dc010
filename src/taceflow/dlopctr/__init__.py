"""The survival network (DLOP-CTR): a frozen ResNet-101 and a head for discrete time."""
