"""Target Account Selling as data and pure rules."""
