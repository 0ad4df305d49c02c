"""Did the market react to this announcement, by how much, and how sure are we?"""

__version__ = "0.1.0"
