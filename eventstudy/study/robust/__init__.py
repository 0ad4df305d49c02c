"""Other ways to the same answer: portfolios in calendar time, matched portfolios, synthetic controls."""
