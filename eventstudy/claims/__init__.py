"""Claims as people write them: found in a text, measured on the archive, and answered with what they rest on."""
