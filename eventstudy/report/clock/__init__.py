"""What pages say of a study by the minute."""
