"""What articles call what has a price, and the places and people that move it: tables that anyone can edit."""
