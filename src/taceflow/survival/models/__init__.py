"""The models side by side: fitted on training patients, stored, applied to everybody."""
