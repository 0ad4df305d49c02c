"""From an article to the draft of an event, by rules: nothing is looked up, nothing is run, a person confirms."""
