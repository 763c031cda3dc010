"""Synthetic patients with hepatocellular carcinoma: tables, CT volumes and masks from one seed."""
