"""Pre-registration: what a study will do, frozen before its data, and what it did held against that."""
