"""``python -m eventstudy``."""

from jobs.start import main

main()
